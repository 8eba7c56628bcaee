#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "rules/api/changes.hpp"
#include "rules/api/rules.hpp"
#include "rules/arguments.hpp"
#include "rules/callee.hpp"
#include "rules/class_uses.hpp"
#include "rules/keywords.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

/// One call of something whose calls a migration changes.
struct ChangedCall {
  Node call;
  Callee callee;
  const ApiCallChange* change;
  std::vector<Node> arguments;  ///< Without the leading ones of partial().

  Node function() const { return call.child(Field::function); }
};

/// Whether the prefilter lets files pass that name neither the class nor a keyword of both bases.
bool is_seen_from(const RuleContext& context, const Callee& callee) {
  return !callee.is_of_other_file || is_operator_base(callee.path) ||
         context.tree().text().contains(short_name(callee.path));
}

/// The number of positional arguments; nothing if a list is unpacked.
std::optional<std::size_t> positional_count(const std::vector<Node>& arguments) {
  std::size_t count = 0;
  for (const Node item : arguments) {
    if (item.is(Kind::list_splat)) return std::nullopt;
    if (!item.is(Kind::keyword_argument) && !item.is(Kind::dictionary_splat)) ++count;
  }
  return count;
}

/// Whether the call names the class that it makes an object of.
bool is_direct(const Callee& callee) { return callee.between.empty() && !callee.is_base; }

/// What the call names, and through whom the argument gets to whom it belongs to.
std::string name_of(const ChangedCall& call) {
  const std::string_view name = short_name(call.callee.path);
  if (call.callee.between.empty()) return std::string(name);
  return fmt::format("{} (through {})", name, call.function().text());
}

std::string describe(const RuleContext& context, const ChangedCall& call,
                     const ApiLostArgument& lost) {
  using enum ApiLostArgument::Refusal;
  const std::string_view when = when_it_fails(call.call);
  const std::string head = fmt::format("{}({}=...)", name_of(call), lost.name);
  const std::string since = to_string(context.rules.api().changed_since(
      call.callee.path,
      [&](const ApiCallChange& change) { return change.find_lost(lost.name) != nullptr; }));
  if (lost.refusal == twice) {
    return fmt::format("{}: since {} {} sets '{}' itself, and Python refuses it twice: {}", head,
                       since, short_name(lost.by), lost.name, when);
  }
  if (lost.refusal == illegal) {
    return fmt::format("{}: Kaapana has no such argument since {}, and Airflow refuses it: {}",
                       head, since, when);
  }
  return fmt::format("{}: there is no such argument since {}: {}", head, since, when);
}

void report_unknown(const RuleContext& context, const ChangedCall& call,
                    const std::vector<GivenKeyword>& keywords) {
  for (const GivenKeyword& keyword : keywords) {
    const ApiLostArgument* lost = call.change->find_lost(keyword.name);
    if (!lost || lost->is_told || !call.callee.gets(keyword.name)) continue;
    if (lost->is_told_at_calls && is_direct(call.callee) && keyword.is_plain) continue;
    DraftFinding finding;
    finding.range = keyword.place.range();
    finding.message = describe(context, call, *lost);
    finding.remedy = fmt::format("drop '{}', once nothing depends on it", keyword.name);
    if (keyword.splat) {
      finding.related.push_back({keyword.splat.range(), "is unpacked into the call here"});
    }
    context.report(std::move(finding));
  }
}

void report_missing(const RuleContext& context, const ChangedCall& call) {
  auto given = call.arguments;
  if (const Node partial = call.callee.partial) {
    const auto before = arguments_of(partial);
    given.insert(given.begin(), before.begin() + 1, before.end());
  }
  std::vector<GivenKeyword> keywords;
  const bool is_complete = read_keywords(context.model, given, keywords);
  const auto count = positional_count(given);
  // partial() may get it later.
  const bool is_open = call.callee.leading > 0 && !call.callee.is_base;
  if (!is_complete || !count || is_open) return;
  for (const std::string& required : call.change->required) {
    const auto& before = call.change->before;
    const auto position = std::ranges::find(before, required) - before.begin();
    const std::size_t in_place = call.callee.gets_positions() ? std::min(*count, before.size()) : 0;
    if (static_cast<std::size_t>(position) < in_place || !call.callee.gets(required)) continue;
    if (std::ranges::find(keywords, required, &GivenKeyword::name) != keywords.end()) continue;
    DraftFinding finding;
    finding.range = call.function().range();
    finding.message = fmt::format(
        "{} needs '{}' since {}: {}", name_of(call), required,
        to_string(context.rules.api().changed_since(
            call.callee.path,
            [&](const ApiCallChange& change) { return change.requires_now(required); })),
        when_it_fails(call.call));
    finding.remedy = fmt::format("give it '{}='", required);
    context.report(std::move(finding));
  }
}

/// Names for the positional arguments from `first` on; nothing if one of them has no place now.
std::optional<FixDraft> name_arguments(const ChangedCall& call, std::size_t first) {
  FixDraft fix;
  fix.title = "name the arguments";
  for (std::size_t i = first; i < call.arguments.size(); ++i) {
    const Node item = call.arguments[i];
    if (item.is(Kind::keyword_argument) || item.is(Kind::dictionary_splat)) break;
    if (i >= call.change->before.size()) return std::nullopt;
    const std::string& name = call.change->before[i];
    if (call.change->find_lost(name) || item.text().contains(":=")) return std::nullopt;
    fix.edits.push_back({{item.begin(), item.begin()}, name + "="});
  }
  return fix;
}

void report_order(const RuleContext& context, const ChangedCall& call) {
  const std::size_t first = call.change->unchanged_positions();
  if (call.callee.partial || !call.callee.gets_positions()) return;
  if (call.change->is_replaced && is_direct(call.callee)) return;
  const auto count = positional_count(call.arguments);
  if (!call.change->has_other_order || !count || *count <= first) return;
  if (first >= call.change->before.size()) return;
  const auto& after = call.change->after;
  DraftFinding finding;
  finding.range = call.arguments[first].range();
  finding.message = fmt::format(
      "argument {} of {} was '{}'; since {} {}", first + 1, name_of(call),
      call.change->before[first],
      to_string(context.rules.api().changed_since(
          call.callee.path, [](const ApiCallChange& change) { return change.has_other_order; })),
      first < after.size() ? fmt::format("it is '{}'", after[first])
                           : fmt::format("there is none: {}", when_it_fails(call.call)));
  if (call.callee.is_certain) finding.fix = name_arguments(call, first);
  finding.remedy = finding.fix ? finding.fix->title : "name the arguments that are still there";
  context.report(std::move(finding));
}

/// The call with what it calls, if a migration changes that.
std::optional<ChangedCall> changed_call(const RuleContext& context, Node call,
                                        std::optional<Callee> callee) {
  if (!callee) return std::nullopt;
  const ApiCallChange* change = context.rules.api().find_call(callee->path);
  if (!change || !is_seen_from(context, *callee)) return std::nullopt;
  if (context.is_suppressed(call.range())) return std::nullopt;
  auto arguments = arguments_of(call);
  arguments.erase(arguments.begin(),
                  arguments.begin() + static_cast<std::ptrdiff_t>(callee->leading));
  return ChangedCall{call, *std::move(callee), change, std::move(arguments)};
}

template <typename Report>
void check_direct_calls(const RuleContext& context, Report report) {
  const bool is_concerned = std::ranges::any_of(context.model.uses(), [&](const SymbolUse& use) {
    return context.rules.api().find_call(use.symbol.path) != nullptr;
  });
  if (!is_concerned) return;
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node node = context.tree().node(id);
    if (!node.is(Kind::call)) continue;
    const auto call = changed_call(context, node, callee_in_file(context.model, node));
    if (call) report(context, *call);
  }
}

/// Keywords that some class or function lost.
std::set<std::string_view> lost_keywords(const ApiChanges& changes) {
  std::set<std::string_view> lost;
  for (const auto& [path, change] : changes.calls()) {
    for (const ApiLostArgument& argument : change.lost) {
      if (!argument.is_told) lost.insert(argument.name);
    }
  }
  return lost;
}

}  // namespace

void check_unknown_argument(const RuleContext& context) {
  const auto lost = lost_keywords(context.rules.api());
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node node = context.tree().node(id);
    if (!node.is(Kind::call)) continue;
    std::vector<GivenKeyword> keywords;
    read_keywords(context.model, arguments_of(node), keywords);
    std::erase_if(keywords,
                  [&](const GivenKeyword& keyword) { return !lost.contains(keyword.name); });
    if (keywords.empty()) continue;
    const auto call = changed_call(context, node, callee_of(context, node));
    if (call) report_unknown(context, *call, keywords);
  }
}

void check_missing_argument(const RuleContext& context) {
  check_direct_calls(context, report_missing);
}

void check_argument_order(const RuleContext& context) { check_direct_calls(context, report_order); }

}  // namespace dagfix

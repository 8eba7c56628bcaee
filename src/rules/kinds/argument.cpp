#include <fmt/format.h>

#include <algorithm>

#include "fix/edits.hpp"
#include "rules/arguments.hpp"
#include "rules/callee.hpp"
#include "rules/class_uses.hpp"
#include "rules/keywords.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

using Action = ArgumentChange::Action;

class CallChecker {
 public:
  /// `collected`: takes what would be reported; null: it is reported.
  CallChecker(const RuleContext& context, Node call, Callee callee,
              std::vector<DraftFinding>* collected = nullptr)
      : context_(context),
        call_(call),
        callee_(std::move(callee)),
        items_(arguments_of(call)),
        collected_(collected) {
    const std::string& path = callee_.path;
    if (is_kaapana(path) || path.starts_with("airflow.") || !names_entry()) return;
    // A class of another file of the project stands for what it is made from.
    if (auto other = callee_of(context, call); other && other->is_of_other_file) {
      callee_ = *std::move(other);
    }
  }

  void run() {
    for (const ArgumentEntry& entry : context_.rule->arguments) {
      if (!context_.rules.in_range(entry.since, entry.until)) continue;
      if (!entry.concerns(callee_.path)) continue;
      const Action action = entry.change.action;
      const bool has_fix = action != Action::report && action != Action::keep;
      if (has_fix ? collected_ != nullptr : is_told_elsewhere()) continue;
      bool given = false;
      for (std::size_t i = 0; i < items_.size(); ++i) given = check(entry, i) || given;
      if (!given && entry.by_default) check_default(entry);
    }
  }

 private:
  /// Whether the call gives an argument by keyword that the rule has an entry for.
  bool names_entry() const {
    return std::ranges::any_of(items_, [&](Node item) {
      if (!item.is(Kind::keyword_argument)) return false;
      const std::string_view name = item.child(Field::name).text();
      return std::ranges::any_of(context_.rule->arguments, [&](const ArgumentEntry& entry) {
        return entry.change.name == name && context_.rules.in_range(entry.since, entry.until);
      });
    });
  }

  /// Whether another rule of the run replaces the class: it says what is wrong where it does not.
  bool is_told_elsewhere() const {
    return !collected_ && std::ranges::any_of(context_.rules.rules(), [&](const Rule* rule) {
      return rule->kind == "operator" && rule->replacement.old_class == callee_.path;
    });
  }

  /// Whether the argument is given, or may be, by the item `i`.
  bool check(const ArgumentEntry& entry, std::size_t i) {
    const Node item = items_[i];
    if (item.is(Kind::dictionary_splat)) return check_unpacked(entry, item);
    if (item.is(Kind::list_splat)) return true;
    const bool by_name = item.is(Kind::keyword_argument);
    if (by_name && item.child(Field::name).text() != entry.change.name) return false;
    if (!by_name) {
      const bool is_it = entry.position && *entry.position + callee_.leading == i;
      if (!is_it || callee_.partial || !callee_.gets_positions()) return false;
    }
    if (by_name && !callee_.gets(entry.change.name)) return true;
    const Node value = by_name ? item.child(Field::value) : item;
    if (!concerns_value(entry, value)) return true;
    if (context_.is_suppressed(call_.range())) return true;
    DraftFinding finding = describe(entry, by_name ? item.child(Field::name) : item);
    const bool binds = item.text().find(":=") != std::string_view::npos;
    if (callee_.is_certain && by_name && !binds) add_fix(entry, i, finding);
    tell(std::move(finding));
    return true;
  }

  bool concerns_value(const ArgumentEntry& entry, Node value) const {
    if (entry.change.action == Action::keep) return false;
    const auto& when = entry.change.when;
    if (!when.empty() && !is_one_of(context_.model, when, value)) return false;
    return entry.unless.empty() || !is_one_of(context_.model, entry.unless, value);
  }

  void check_default(const ArgumentEntry& entry) {
    const Node function = call_.child(Field::function);
    if (!callee_.is_certain || context_.is_suppressed(call_.range())) return;
    // The class in between gives it, or the call of partial() may.
    if (!callee_.gets(entry.change.name) || callee_.partial) return;
    tell(describe(entry, function));
  }

  void add_fix(const ArgumentEntry& entry, std::size_t i, DraftFinding& finding) const {
    const Node item = items_[i];
    FixDraft fix;
    switch (entry.change.action) {
      case Action::rename:
        // Python finds a parameter that is given twice at run time, a keyword before it runs.
        if (keyword_value(call_, entry.change.to)) {
          finding.remedy = fmt::format("drop it: '{}' is given, too", entry.change.to);
          return;
        }
        fix.title = fmt::format("rename it to '{}'", entry.change.to);
        fix.edits = {rename_keyword(item, entry.change.to)};
        break;
      case Action::drop: {
        fix.title = fmt::format("drop '{}'", entry.change.name);
        std::vector<bool> drop(items_.size(), false);
        drop[i] = true;
        fix.edits = remove_items(context_.tree().text(), items_, drop);
        break;
      }
      case Action::set: {
        const Node value = item.child(Field::value);
        if (!value.is(Kind::string)) return;
        fix.title = fmt::format("write {}", entry.change.to);
        fix.edits = {{value.range(), entry.change.to}};
        break;
      }
      case Action::keep:
      case Action::report:
        return;
    }
    finding.remedy = fix.title;
    finding.fix = std::move(fix);
  }

  bool check_unpacked(const ArgumentEntry& entry, Node splat) {
    std::vector<GivenKeyword> keywords;
    const bool is_complete = read_keywords(context_.model, {splat}, keywords);
    bool found = false;
    for (const GivenKeyword& given : keywords) {
      if (given.name != entry.change.name || !callee_.gets(given.name)) continue;
      found = true;
      if (!concerns_value(entry, given.value) || context_.is_suppressed(call_.range())) continue;
      DraftFinding finding = describe(entry, given.place);
      finding.related.push_back({splat.range(), "is unpacked into the call here"});
      tell(std::move(finding));
    }
    return found || !is_complete;
  }

  DraftFinding describe(const ArgumentEntry& entry, Node place) const {
    DraftFinding finding;
    finding.range = place.range();
    finding.severity = entry.severity;
    const bool is_released = entry.since && *entry.since <= context_.rules.book().versions().back();
    const std::string since =
        is_released ? fmt::format(" since {}", to_string(*entry.since)) : std::string();
    const bool by_default = place == call_.child(Field::function);
    finding.message =
        fmt::format("{}({}){}: {}", short_name(callee_.path),
                    by_default ? "" : entry.change.name + "=...", since, entry.change.reason);
    finding.remedy = remedy_of(entry.change);
    return finding;
  }

  void tell(DraftFinding finding) {
    if (!collected_) return context_.report(std::move(finding));
    collected_->push_back(std::move(finding));
  }

  static std::string remedy_of(const ArgumentChange& change) {
    if (!change.otherwise.empty()) return change.otherwise;
    if (change.action == Action::rename) return fmt::format("write '{}'", change.to);
    if (change.action == Action::set) return fmt::format("write {}", change.to);
    return fmt::format("drop '{}'", change.name);
  }

  const RuleContext& context_;
  Node call_;
  Callee callee_;
  std::vector<Node> items_;
  std::vector<DraftFinding>* collected_;
};

}  // namespace

std::vector<DraftFinding> argument_problems(const RuleContext& context, Node call) {
  std::vector<DraftFinding> problems;
  const auto callee = callee_in_file(context.model, call);
  if (!callee) return problems;
  for (const Rule* rule : context.rules.rules()) {
    if (rule->kind != "argument") continue;
    RuleContext other = context;
    other.rule = rule;
    CallChecker(other, call, *callee, &problems).run();
  }
  return problems;
}

void check_argument(const RuleContext& context) {
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node call = context.tree().node(id);
    if (!call.is(Kind::call)) continue;
    if (auto callee = callee_in_file(context.model, call)) {
      CallChecker(context, call, *std::move(callee)).run();
    }
  }
}

}  // namespace dagfix

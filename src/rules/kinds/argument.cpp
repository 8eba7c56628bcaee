#include <fmt/format.h>

#include <algorithm>

#include "fix/edits.hpp"
#include "rules/arguments.hpp"
#include "rules/callee.hpp"
#include "rules/class_uses.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

using Action = ArgumentChange::Action;

/// The class by the import that may have brought it in, where another branch has something else.
std::string possible_class(const RuleContext& context, const Symbol& symbol) {
  if (symbol.certain || is_kaapana(symbol.path)) return symbol.path;
  for (const ImportId id : symbol.via) {
    const Import& import = context.model.imports()[id];
    if (import.form == Import::Form::from && is_kaapana(import.module)) return import.qualified();
  }
  return symbol.path;
}

class CallChecker {
 public:
  /// `collected`: takes what would be reported; null: it is reported.
  CallChecker(const RuleContext& context, Node call, Symbol symbol,
              std::vector<DraftFinding>* collected = nullptr)
      : context_(context),
        call_(call),
        symbol_(std::move(symbol)),
        items_(arguments_of(call)),
        collected_(collected) {
    symbol_.path = possible_class(context, symbol_);
    if (is_kaapana(symbol_.path) || symbol_.path.starts_with("airflow.") || !names_entry()) return;
    // A class of another file of the project stands for what it is made from.
    const auto callee = callee_of(context, call);
    if (callee && callee->is_of_other_file) symbol_.path = callee->path;
  }

  void run() {
    for (const ArgumentEntry& entry : context_.rule->arguments) {
      if (!context_.rules.in_range(entry.since, entry.until)) continue;
      if (!entry.concerns(symbol_.path)) continue;
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

  /// Whether a class of the project keeps a keyword for itself.
  bool is_kept(std::string_view keyword) const {
    const auto callee = callee_of(context_, call_);
    return callee && !callee->gets(keyword);
  }

  /// Whether another rule of the run replaces the class: it says what is wrong where it does not.
  bool is_told_elsewhere() const {
    return !collected_ && std::ranges::any_of(context_.rules.rules(), [&](const Rule* rule) {
      return rule->kind == "operator" && rule->replacement.old_class == symbol_.path;
    });
  }

  /// Whether the argument is given, or may be, by the item `i`.
  bool check(const ArgumentEntry& entry, std::size_t i) {
    const Node item = items_[i];
    if (item.is(Kind::dictionary_splat)) return check_unpacked(entry, item);
    if (item.is(Kind::list_splat)) return true;
    const bool by_name = item.is(Kind::keyword_argument);
    if (by_name && item.child(Field::name).text() != entry.change.name) return false;
    if (!by_name && (!entry.position || *entry.position != i)) return false;
    if (by_name && is_kept(entry.change.name)) return true;
    const Node value = by_name ? item.child(Field::value) : item;
    if (!concerns_value(entry, value)) return true;
    if (context_.is_suppressed(call_.range())) return true;
    DraftFinding finding = describe(entry, by_name ? item.child(Field::name) : item);
    const bool binds = item.text().find(":=") != std::string_view::npos;
    if (symbol_.certain && by_name && !binds) add_fix(entry, i, finding);
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
    if (!symbol_.certain || context_.is_suppressed(call_.range())) return;
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
    const Node dictionary = unpacked_dictionary(context_.model, splat);
    const auto entries = dictionary ? dictionary_entries(context_.model, dictionary) : std::nullopt;
    if (!entries) return true;
    bool found = false;
    for (const DictionaryEntry& given : *entries) {
      if (given.key != entry.change.name) continue;
      found = true;
      if (!concerns_value(entry, given.value)) continue;
      DraftFinding finding = describe(entry, given.node);
      finding.related.push_back({splat.range(), "is unpacked into the call here"});
      tell(std::move(finding));
    }
    return found;
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
        fmt::format("{}({}){}: {}", short_name(symbol_.path),
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
  Symbol symbol_;
  std::vector<Node> items_;
  std::vector<DraftFinding>* collected_;
};

}  // namespace

std::vector<DraftFinding> argument_problems(const RuleContext& context, Node call) {
  std::vector<DraftFinding> problems;
  const auto symbol = called_class(context.model, call);
  if (!symbol) return problems;
  for (const Rule* rule : context.rules.rules()) {
    if (rule->kind != "argument") continue;
    RuleContext other = context;
    other.rule = rule;
    CallChecker(other, call, *symbol, &problems).run();
  }
  return problems;
}

void check_argument(const RuleContext& context) {
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node call = context.tree().node(id);
    if (!call.is(Kind::call)) continue;
    if (auto symbol = called_class(context.model, call)) {
      CallChecker(context, call, std::move(*symbol)).run();
    }
  }
}

}  // namespace dagfix

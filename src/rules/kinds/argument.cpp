#include <fmt/format.h>

#include <algorithm>

#include "fix/edits.hpp"
#include "rules/arguments.hpp"
#include "rules/class_uses.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

using Action = ArgumentChange::Action;

bool concerns_class(const ArgumentEntry& entry, std::string_view path) {
  return std::ranges::any_of(entry.classes, [&](const std::string& wanted) {
    return wanted.ends_with('.') ? path.starts_with(wanted) : path == wanted;
  });
}

/// A class that the file defines and that an object is made of, or null.
Node definition_of(const SemanticModel& model, Node expression) {
  if (!expression.is(Kind::identifier)) return {};
  const auto found = model.reaching(expression.text(), expression);
  if (found.size() != 1) return {};
  const Binding& binding = model.bindings()[found[0]];
  return binding.kind == BindingKind::class_ ? binding.value : Node();
}

/// The class of another package that a class of this file is made from, if its constructor hands on
/// what it is given.
std::optional<Symbol> foreign_base(const SemanticModel& model, Node expression) {
  constexpr int kMostBases = 8;
  for (int i = 0; i < kMostBases; ++i) {
    const Node definition = definition_of(model, expression);
    if (!definition) return i == 0 ? std::nullopt : model.resolve(expression);
    const auto bases = definition.child(Field::superclasses).named_children();
    if (bases.size() != 1 || !definition.text().contains("**")) return std::nullopt;
    expression = bases[0];
  }
  return std::nullopt;
}

/// The class that a call makes an object of, or that it hands arguments to through super().
std::optional<Symbol> called_class(const SemanticModel& model, Node call) {
  const Node function = call.child(Field::function);
  if (function.is(Kind::attribute) && function.child(Field::attribute).text() == "__init__" &&
      function.child(Field::object).text() == "super()") {
    const Node owner = call.ancestor(Kind::class_definition);
    const auto bases = owner.child(Field::superclasses).named_children();
    return bases.size() == 1 ? model.resolve(bases[0]) : std::nullopt;
  }
  auto symbol = model.resolve(function);
  if (symbol && symbol->path == "functools.partial") {
    const auto arguments = arguments_of(call);
    return arguments.empty() ? std::nullopt : model.resolve(arguments[0]);
  }
  if (!symbol) symbol = foreign_base(model, function);
  return symbol;
}

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
  }

  void run() {
    for (const ArgumentEntry& entry : context_.rule->arguments) {
      if (!context_.rules.in_range(entry.since, entry.until)) continue;
      if (!concerns_class(entry, symbol_.path)) continue;
      const Action action = entry.change.action;
      const bool has_fix = action != Action::report && action != Action::keep;
      if (has_fix ? collected_ != nullptr : is_told_elsewhere()) continue;
      bool given = false;
      for (std::size_t i = 0; i < items_.size(); ++i) given = check(entry, i) || given;
      if (!given && entry.by_default) check_default(entry);
    }
  }

 private:
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

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
  CallChecker(const RuleContext& context, Node call, Symbol symbol)
      : context_(context), call_(call), symbol_(std::move(symbol)), items_(arguments_of(call)) {
    symbol_.path = possible_class(context, symbol_);
  }

  void run() {
    for (const ArgumentEntry& entry : context_.rule->arguments) {
      if (!context_.rules.in_range(entry.since) || !concerns_class(entry, symbol_.path)) continue;
      for (std::size_t i = 0; i < items_.size(); ++i) check(entry, i);
    }
  }

 private:
  void check(const ArgumentEntry& entry, std::size_t i) {
    const Node item = items_[i];
    if (item.is(Kind::dictionary_splat)) return check_unpacked(entry, item);
    if (!item.is(Kind::keyword_argument)) return;
    if (item.child(Field::name).text() != entry.change.name) return;
    if (context_.is_suppressed(call_.range())) return;
    DraftFinding finding = describe(entry, item.child(Field::name));
    const bool binds = item.text().find(":=") != std::string_view::npos;
    if (symbol_.certain && entry.change.action != Action::report && !binds) {
      FixDraft fix;
      if (entry.change.action == Action::rename) {
        // Python finds a parameter that is given twice at run time, a keyword before it runs.
        if (keyword_value(call_, entry.change.to)) {
          finding.remedy = fmt::format("drop it: '{}' is given, too", entry.change.to);
          return context_.report(std::move(finding));
        }
        fix.title = fmt::format("rename it to '{}'", entry.change.to);
        fix.edits = {rename_keyword(item, entry.change.to)};
      } else {
        fix.title = fmt::format("drop '{}'", entry.change.name);
        std::vector<bool> drop(items_.size(), false);
        drop[i] = true;
        fix.edits = remove_items(context_.tree().text(), items_, drop);
      }
      finding.remedy = fix.title;
      finding.fix = std::move(fix);
    }
    context_.report(std::move(finding));
  }

  void check_unpacked(const ArgumentEntry& entry, Node splat) {
    const Node dictionary = unpacked_dictionary(context_.model, splat);
    if (!dictionary) return;
    const auto entries = dictionary_entries(context_.model, dictionary);
    if (!entries) return;
    for (const DictionaryEntry& given : *entries) {
      if (given.key != entry.change.name) continue;
      DraftFinding finding = describe(entry, given.node);
      finding.related.push_back({splat.range(), "is unpacked into the call here"});
      context_.report(std::move(finding));
    }
  }

  DraftFinding describe(const ArgumentEntry& entry, Node place) const {
    DraftFinding finding;
    finding.range = place.range();
    const std::string since =
        entry.since ? fmt::format(" since {}", to_string(*entry.since)) : std::string();
    finding.message = fmt::format("{}({}=...){}: {}", short_name(symbol_.path), entry.change.name,
                                  since, entry.change.reason);
    finding.remedy =
        entry.change.action == Action::rename
            ? fmt::format("write '{}'", entry.change.to)
            : (entry.change.otherwise.empty() ? fmt::format("drop '{}'", entry.change.name)
                                              : entry.change.otherwise);
    return finding;
  }

  const RuleContext& context_;
  Node call_;
  Symbol symbol_;
  std::vector<Node> items_;
};

}  // namespace

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

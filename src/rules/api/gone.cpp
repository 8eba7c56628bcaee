#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "rules/api/changes.hpp"
#include "rules/api/rules.hpp"
#include "rules/class_uses.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

/// What is gone of a path: the beginning of it, or what has a new place.
void add_gone(const RuleContext& context, std::string_view path, std::set<const ApiGone*>& out) {
  const ApiGone* found = nullptr;
  for (std::size_t end = path.find('.');; end = path.find('.', end + 1)) {
    const ApiGone* gone = context.rules.api().find_gone(path.substr(0, end));
    if (gone && (!found || !gone->to.empty())) found = gone;
    if (end == std::string_view::npos) break;
  }
  if (found) out.insert(found);
}

SymbolEntry entry_for(const RuleContext& context, const ApiGone& gone) {
  SymbolEntry entry;
  entry.path = gone.is_module ? gone.path + "." : gone.path;
  entry.to = gone.to;
  entry.reason = fmt::format("{} does not have {} since {}",
                             gone.is_module ? "Kaapana" : std::string(module_of(gone.path)),
                             gone.is_module ? gone.path : std::string(short_name(gone.path)),
                             to_string(context.rules.api().gone_since(gone.path)));
  entry.otherwise =
      gone.to.empty()
          ? "do without it, or keep a copy of your own: nothing of that name takes its place"
          : fmt::format("import {} from {}", short_name(gone.to), module_of(gone.to));
  return entry;
}

/// Names that only a star import can bring in, of a module that does not have them any more.
void check_stars(const RuleContext& context) {
  const SemanticModel& model = context.model;
  for (const Import& import : model.imports()) {
    if (import.form != Import::Form::star || !is_kaapana(import.module)) continue;
    for (const std::string_view name : model.unresolved_names()) {
      const std::string path = fmt::format("{}.{}", import.module, name);
      const ApiGone* gone = context.rules.api().find_gone(path);
      if (!gone) continue;
      const auto read = std::ranges::find_if(model.references(), [&](const Reference& reference) {
        return reference.node.text() == name;
      });
      const SymbolEntry entry = entry_for(context, *gone);
      DraftFinding finding;
      finding.range = read->node.range();
      finding.message = fmt::format("{}: {}", entry.reason, when_it_fails(read->node));
      finding.remedy = entry.otherwise;
      context.report(std::move(finding));
    }
  }
}

}  // namespace

void check_removed_import(const RuleContext& context) {
  check_stars(context);
  std::set<const ApiGone*> found;
  for (const Import& import : context.model.imports()) {
    add_gone(context, import.qualified(), found);
  }
  for (const SymbolUse& use : context.model.uses()) {
    add_gone(context, use.symbol.path, found);
  }
  std::vector<const ApiGone*> sorted(found.begin(), found.end());
  std::ranges::sort(sorted, {}, [](const ApiGone* gone) { return std::string_view(gone->path); });
  for (const ApiGone* gone : sorted) {
    std::vector<DraftFinding> drafts;
    RuleContext inner = context;
    inner.out = &drafts;
    check_symbol_entry(inner, entry_for(context, *gone));
    for (DraftFinding& draft : drafts) {
      if (draft.fix && !gone->is_same) draft.fix->safety = Safety::unsafe;
      context.out->push_back(std::move(draft));
    }
  }
}

}  // namespace dagfix

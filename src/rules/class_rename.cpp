#include <fmt/format.h>

#include "rules/class_uses.hpp"

namespace dagfix {

namespace {

/// The name node of an import item, without its alias.
Node imported_name(const Import& import) {
  return import.has_alias ? import.item.child(Field::name) : import.item;
}

void edit_uses(std::span<const ClassUse> changed, std::string_view name, FixDraft& fix) {
  for (const ClassUse& use : changed) {
    if (use.through_alias || use.expression.text() == name) continue;
    fix.edits.push_back({use.expression.range(), std::string(name)});
  }
}

/// `import m.Old as x`, `from m import Old as x`: the alias stays, the member changes.
void edit_members(std::span<const ClassUse> changed, std::string_view name, FixDraft& fix) {
  for (const ClassUse& use : changed) {
    if (use.through_alias) continue;
    fix.edits.push_back({use.expression.child(Field::attribute).range(), std::string(name)});
  }
}

void rename_imported_class(const RuleContext& context, const ClassUses& uses,
                           std::string_view new_class, std::span<const ClassUse> changed,
                           bool keep_old, FixDraft& fix) {
  const SemanticModel& model = context.model;
  const Import& old = model.imports()[uses.import];
  ImportRequest request{uses.import, !keep_old, {}};
  if (old.form == Import::Form::star) request.drop = false;
  if (const Import* known = known_import(context, uses, new_class)) {
    edit_uses(changed, known->local, fix);
  } else if (old.has_alias && !keep_old) {
    request.add.push_back(
        {std::string(module_of(new_class)), std::string(short_name(new_class)), old.local});
  } else {
    request.add.push_back(
        {std::string(module_of(new_class)), std::string(short_name(new_class)), {}});
    edit_uses(changed, short_name(new_class), fix);
  }
  if (request.drop || !request.add.empty()) fix.imports.push_back(std::move(request));
}

}  // namespace

const Import* known_import(const RuleContext& context, const ClassUses& uses,
                           std::string_view path) {
  const SemanticModel& model = context.model;
  const Import* known = model.visible_import(path, model.imports()[uses.import].statement);
  if (known || uses.uses.empty()) return known;
  known = model.visible_import(path, uses.uses.front().expression);
  for (const ClassUse& use : uses.uses) {
    if (model.visible_import(path, use.expression) != known) return nullptr;
  }
  return known;
}

void rename_class(const RuleContext& context, const ClassUses& uses, std::string_view new_class,
                  std::span<const ClassUse> changed, bool keep_old, FixDraft& fix) {
  const Import& old = context.model.imports()[uses.import];
  const std::string_view module = module_of(new_class);
  switch (uses.shape) {
    case ImportShape::class_:
    case ImportShape::star:
      return rename_imported_class(context, uses, new_class, changed, keep_old, fix);
    case ImportShape::module_member:
      fix.edits.push_back({imported_name(old).range(), std::string(short_name(module))});
      if (old.has_alias) return edit_members(changed, short_name(new_class), fix);
      return edit_uses(changed, fmt::format("{}.{}", short_name(module), short_name(new_class)),
                       fix);
    case ImportShape::module_alias:
      fix.edits.push_back({imported_name(old).range(), std::string(module)});
      return edit_members(changed, short_name(new_class), fix);
    case ImportShape::module_path:
      fix.edits.push_back({imported_name(old).range(), std::string(module)});
      return edit_uses(changed, new_class, fix);
    case ImportShape::indirect:
      return;
  }
}

bool has_name_conflict(const RuleContext& context, const ClassUses& uses,
                       std::string_view new_class, bool keep_old) {
  const Import& old = context.model.imports()[uses.import];
  const bool keeps_alias = old.has_alias && !keep_old;
  // The new import binds the same name in the place of the old one.
  const bool keeps_name =
      uses.shape == ImportShape::class_ && !keep_old && old.local == short_name(new_class);
  if (keeps_alias || keeps_name || uses.shape == ImportShape::module_path) return false;
  if (uses.shape == ImportShape::module_member || uses.shape == ImportShape::module_alias) {
    return !old.has_alias && context.model.is_name_taken(short_name(module_of(new_class)));
  }
  return !known_import(context, uses, new_class) &&
         context.model.is_name_taken(short_name(new_class));
}

}  // namespace dagfix

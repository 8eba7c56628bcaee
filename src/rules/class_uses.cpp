#include "rules/class_uses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace dagfix {

namespace {

constexpr std::string_view kUncertain =
    "the name can mean something else here, too (another branch or assignment binds it)";

/// The part of an attribute chain whose path is `wanted`: `a.B` of `a.B.c`.
Node denoting(Node expression, std::string_view path, std::string_view wanted) {
  while (path.size() > wanted.size() && expression.is(Kind::attribute)) {
    path = path.substr(0, path.rfind('.'));
    expression = expression.child(Field::object);
  }
  return expression;
}

bool is_test_call(Node call) {
  const std::string_view name = call.child(Field::function).text();
  return name == "isinstance" || name == "issubclass";
}

ClassUse classify(const SemanticModel& model, Node expression, bool through_alias) {
  ClassUse use{UseKind::other, expression, {}, through_alias};
  const Node parent = expression.parent();
  if (parent.is(Kind::call) && expression.field() == Field::function) {
    use.kind = UseKind::call;
    use.call = parent;
  } else if (parent.is(Kind::argument_list)) {
    const Node owner = parent.parent();
    if (owner.is(Kind::class_definition)) {
      use.kind = UseKind::base;
    } else if (is_test_call(owner)) {
      use.kind = UseKind::test;
    } else if (const auto callee = model.resolve(owner.child(Field::function));
               callee && callee->path == "functools.partial" &&
               parent.named_children()[0] == expression) {
      use.kind = UseKind::partial;
      use.call = owner;
    }
  } else if (parent.is(Kind::tuple) && parent.parent().is(Kind::argument_list) &&
             is_test_call(parent.parent().parent())) {
    use.kind = UseKind::test;
  } else if (parent.is(Kind::type) || parent.is(Kind::comparison_operator) ||
             expression.ancestor(Kind::type)) {
    use.kind = UseKind::test;
  } else if (parent.is(Kind::assignment) && expression.field() == Field::right &&
             parent.child(Field::left).is(Kind::identifier)) {
    use.kind = UseKind::alias;
  }
  return use;
}

std::optional<ImportShape> shape_of(const RuleContext& context, const Import& import,
                                    std::string_view class_path) {
  const std::string_view module = module_of(class_path);
  switch (import.form) {
    case Import::Form::star:
      if (import.module == module) return ImportShape::star;
      break;
    case Import::Form::from:
      if (import.qualified() == class_path) return ImportShape::class_;
      if (import.qualified() == module) return ImportShape::module_member;
      break;
    case Import::Form::module:
      if (import.module == module) {
        return import.has_alias ? ImportShape::module_alias : ImportShape::module_path;
      }
      break;
  }
  if (import.form == Import::Form::from && !is_kaapana(import.module)) {
    const FileResolver resolver(context.project, context.file.path());
    if (resolver.canonical(import.qualified()) == class_path) return ImportShape::indirect;
  }
  return std::nullopt;
}

/// Whether another import of the same name, in the other branch of a try, is the new class.
bool is_fallback(const SemanticModel& model, const Import& import, std::string_view replacement) {
  if (import.form == Import::Form::star || !import.statement.ancestor(Kind::try_statement)) {
    return false;
  }
  return std::ranges::any_of(model.imports(), [&](const Import& other) {
    return other.local == import.local && other.qualified() == replacement;
  });
}

bool is_listed_in_all(const SemanticModel& model, std::string_view name) {
  if (model.tree().text().find("__all__") == std::string_view::npos) return false;
  for (std::uint32_t id = 0; id < model.tree().size(); ++id) {
    const Node node = model.tree().node(id);
    if (node.is(Kind::string) && string_value(node) == name) return true;
  }
  return false;
}

/// Whether the name is deleted, or is a global that another scope imports.
bool is_bound_oddly(const SemanticModel& model, const Import& import) {
  if (import.binding == kNone) return false;
  const Binding& own = model.bindings()[import.binding];
  if (own.deferred) return true;
  return std::ranges::any_of(model.bindings(), [&](const Binding& other) {
    return other.kind == BindingKind::deletion && other.name == own.name &&
           other.scope == own.scope;
  });
}

/// Whether a string of the file is or contains the name: annotations, globals()["..."], __all__.
bool is_spelled(const RuleContext& context, std::string_view name) {
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node node = context.tree().node(id);
    if (node.is(Kind::string_content) && node.text().find(name) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

std::string reason_to_block(const RuleContext& context, const Import& import, ImportShape shape) {
  if (shape == ImportShape::indirect) {
    return fmt::format("it comes through the project's own module {}: change it there first",
                       import.module.substr(import.module.rfind('.') + 1));
  }
  if (is_bound_oddly(context.model, import)) return "the name is deleted or made global here";
  if (is_shared(context, import)) return "other files of the project import the name from here";
  if (!import.local.empty() && is_listed_in_all(context.model, import.local)) {
    return "the name is in __all__, so other modules may import it from here";
  }
  return {};
}

/// `import a.b` and `import a.c` bind the same name: a use of a.b may come through either.
std::map<ImportId, ClassUses>::iterator find_entry(const SemanticModel& model,
                                                   std::map<ImportId, ClassUses>& by_import,
                                                   ImportId via) {
  const auto exact = by_import.find(via);
  const Import& import = model.imports()[via];
  if (exact != by_import.end() || import.form != Import::Form::module || import.has_alias) {
    return exact;
  }
  return std::ranges::find_if(
      by_import, [](const auto& entry) { return entry.second.shape == ImportShape::module_path; });
}

}  // namespace

bool ClassUses::any(UseKind kind) const {
  return std::ranges::find(uses, kind, &ClassUse::kind) != uses.end();
}

bool can_be_removed(const RuleContext& context, const Import& import) {
  if (import.statement.ancestor(Kind::try_statement) ||
      import.statement.ancestor(Kind::if_statement)) {
    return false;
  }
  const std::string_view text = context.tree().text();
  const std::string_view rest = text.substr(import.statement.end());
  const std::string_view line = rest.substr(0, rest.find_first_of("\r\n"));
  if (line.find("noqa") != std::string_view::npos ||
      line.find("pylint") != std::string_view::npos) {
    return false;
  }
  if (import.has_alias && import.local == import.name) return false;
  return !is_spelled(context, import.local);
}

bool is_shared(const RuleContext& context, const Import& import) {
  if (import.scope != 0) return false;
  const auto& shared = context.project.facts.shared_names;
  const std::size_t index = context.project.index_of(context.file.path());
  return shared.contains({index, import.local}) || shared.contains({index, "*"});
}

std::string_view short_name(std::string_view path) { return path.substr(path.rfind('.') + 1); }

std::string_view module_of(std::string_view path) { return path.substr(0, path.rfind('.')); }

std::vector<ClassUses> uses_by_import(const RuleContext& context, std::string_view class_path,
                                      std::string_view replacement_path) {
  const SemanticModel& model = context.model;
  std::map<ImportId, ClassUses> by_import;
  for (ImportId id = 0; id < model.imports().size(); ++id) {
    const Import& import = model.imports()[id];
    const auto shape = shape_of(context, import, class_path);
    if (!shape || is_fallback(model, import, replacement_path)) continue;
    by_import[id] = {id, *shape, {}, reason_to_block(context, import, *shape)};
  }
  const std::string_view module = module_of(class_path);
  for (const SymbolUse& use : model.uses()) {
    const std::string& path = use.symbol.path;
    for (const ImportId via : use.symbol.via) {
      const auto entry = find_entry(model, by_import, via);
      if (entry == by_import.end()) continue;
      ClassUses& uses = entry->second;
      const bool is_class = path.starts_with(class_path) &&
                            (path.size() == class_path.size() || path[class_path.size()] == '.');
      if (!use.symbol.certain) uses.blocked = kUncertain;
      if (is_class) {
        const Node expression = denoting(use.expression, path, class_path);
        uses.uses.push_back(classify(model, expression, use.symbol.through_alias));
      } else if (path.starts_with(module)) {
        uses.blocked = fmt::format("more of the module {} is used than the class", module);
      }
      break;
    }
  }
  std::vector<ClassUses> result;
  for (auto& [id, uses] : by_import) {
    // A star import brings in much; without a use of the class it says nothing of it.
    if (uses.shape == ImportShape::star && uses.uses.empty()) continue;
    result.push_back(std::move(uses));
  }
  return result;
}

}  // namespace dagfix

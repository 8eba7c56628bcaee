#include "rules/callee.hpp"

#include <algorithm>

#include "rules/arguments.hpp"

namespace dagfix {

namespace {

constexpr int kMostBases = 8;

/// The only binding that a name can have at its place, or null.
const Binding* binding_of(const SemanticModel& model, Node expression) {
  if (!expression.is(Kind::identifier)) return nullptr;
  const auto found = model.reaching(expression.text(), expression);
  return found.size() == 1 ? &model.bindings()[found[0]] : nullptr;
}

bool is_partial(const SemanticModel& model, Node call) {
  const Node function = call.child(Field::function);
  if (!call.is(Kind::call) || !function.text().ends_with("partial")) return false;
  const auto symbol = model.resolve(function);
  return symbol && symbol->path == "functools.partial";
}

Node partial_class(Node call) {
  const auto arguments = arguments_of(call);
  return arguments.empty() ? Node() : arguments[0];
}

/// Follows an expression through the classes and functions of this file; the rest is a class of
/// elsewhere, or null.
Node follow_own(const SemanticModel& model, Node expression, Callee& callee) {
  for (int i = 0; i < kMostBases && expression; ++i) {
    const Binding* binding = binding_of(model, expression);
    if (!binding) return expression;
    const Node value = binding->value;
    if (binding->kind == BindingKind::class_) {
      const auto bases = value.child(Field::superclasses).named_children();
      if (bases.size() != 1) return {};
      callee.between.push_back(constructor_of(model.tree(), value));
      expression = bases[0];
    } else if (binding->kind == BindingKind::function) {
      ClassConstructor constructor;
      const Node call = forwarded_call(model.tree(), value, constructor);
      if (!call) return {};
      callee.between.push_back(std::move(constructor));
      expression = call.child(Field::function);
    } else if (binding->kind == BindingKind::assignment && is_partial(model, value)) {
      if (callee.partial || !callee.between.empty()) return {};
      callee.partial = value;
      expression = partial_class(value);
    } else {
      return expression;
    }
  }
  return {};
}

/// Follows a path through the project's other files.
bool follow_project(const RuleContext& context, Callee& callee) {
  const FileResolver resolver(context.project, context.file.path());
  for (int i = 0; i < kMostBases; ++i) {
    if (auto moved = resolver.canonical(callee.path)) callee.path = *std::move(moved);
    // Kaapana's own sources may be among the files, too.
    if (is_kaapana(callee.path)) return true;
    const ClassSummary* found = context.project.find_class(callee.path, context.file.path());
    if (!found) return true;
    if (found->bases.size() != 1) return false;
    callee.between.push_back(found->constructor);
    callee.is_of_other_file = true;
    callee.path = found->bases[0];
  }
  return false;
}

/// The expression for what gets the arguments of a call; null if there is none.
Node called_expression(const SemanticModel& model, Node call, Callee& callee) {
  const Node function = call.child(Field::function);
  if (function.is(Kind::attribute) && function.child(Field::attribute).text() == "__init__") {
    callee.is_base = true;
    const Node object = function.child(Field::object);
    if (!object.text().starts_with("super(")) {
      callee.leading = 1;  // self
      return object;
    }
    const Node owner = call.ancestor(Kind::class_definition);
    const auto bases = owner.child(Field::superclasses).named_children();
    return bases.size() == 1 ? bases[0] : Node();
  }
  if (!is_partial(model, call)) return function;
  callee.leading = 1;
  return partial_class(call);
}

/// Where another branch binds the name as well: by the only import that brings it in, or the only
/// one from Kaapana.
bool take_symbol(const SemanticModel& model, const Symbol& symbol, Callee& callee) {
  callee.path = symbol.path;
  if (symbol.certain) return true;
  callee.is_certain = false;
  const Import* found = nullptr;
  for (const ImportId id : symbol.via) {
    const Import& import = model.imports()[id];
    if (symbol.via.size() > 1 && !is_kaapana(import.module)) continue;
    if (found || import.form != Import::Form::from) return false;
    found = &import;
  }
  if (found && symbol.via.size() > 1) callee.path = found->qualified();
  return found != nullptr;
}

}  // namespace

bool Callee::gets(std::string_view keyword) const {
  return std::ranges::all_of(
      between, [&](const ClassConstructor& constructor) { return constructor.passes(keyword); });
}

bool Callee::gets_positions() const {
  return std::ranges::none_of(between, &ClassConstructor::is_own);
}

std::optional<Callee> callee_in_file(const SemanticModel& model, Node call) {
  Callee callee;
  Node expression = called_expression(model, call, callee);
  if (expression) expression = follow_own(model, expression, callee);
  const auto symbol = expression ? model.resolve(expression) : std::nullopt;
  if (!symbol || !take_symbol(model, *symbol, callee)) return std::nullopt;
  return callee;
}

std::optional<Callee> callee_of(const RuleContext& context, Node call) {
  auto callee = callee_in_file(context.model, call);
  if (callee && !follow_project(context, *callee)) return std::nullopt;
  return callee;
}

}  // namespace dagfix

#include "rules/callee.hpp"

#include <algorithm>

#include "rules/arguments.hpp"

namespace dagfix {

namespace {

constexpr int kMostBases = 8;

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
  for (int i = 0; i < kMostBases; ++i) {
    const Node definition = definition_of(model, expression);
    if (!definition) return i == 0 ? std::nullopt : model.resolve(expression);
    const auto bases = definition.child(Field::superclasses).named_children();
    if (bases.size() != 1 || !definition.text().contains("**")) return std::nullopt;
    expression = bases[0];
  }
  return std::nullopt;
}

bool is_super_init(Node function) {
  return function.is(Kind::attribute) && function.child(Field::attribute).text() == "__init__" &&
         function.child(Field::object).text() == "super()";
}

/// Follows an expression through the classes of this file; the rest is a class of elsewhere.
Node follow_own(const SemanticModel& model, Node expression, Callee& callee) {
  for (int i = 0; i < kMostBases; ++i) {
    const Node definition = definition_of(model, expression);
    if (!definition) return expression;
    const auto bases = definition.child(Field::superclasses).named_children();
    if (bases.size() != 1) return {};
    callee.between.push_back(constructor_of(model.tree(), definition));
    expression = bases[0];
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

}  // namespace

std::optional<Symbol> called_class(const SemanticModel& model, Node call) {
  const Node function = call.child(Field::function);
  if (is_super_init(function)) {
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

bool Callee::gets(std::string_view keyword) const {
  return std::ranges::all_of(
      between, [&](const ClassConstructor& constructor) { return constructor.passes(keyword); });
}

namespace {

/// The expression for what gets the arguments of a call; null if there is none.
Node called_expression(const SemanticModel& model, Node call, std::size_t& leading) {
  const Node function = call.child(Field::function);
  if (is_super_init(function)) {
    const Node owner = call.ancestor(Kind::class_definition);
    const auto bases = owner.child(Field::superclasses).named_children();
    return bases.size() == 1 ? bases[0] : Node();
  }
  if (!function.text().ends_with("partial")) return function;
  const auto symbol = model.resolve(function);
  if (!symbol || symbol->path != "functools.partial") return function;
  leading = 1;
  const auto arguments = arguments_of(call);
  return arguments.empty() ? Node() : arguments[0];
}

}  // namespace

std::optional<Callee> callee_of(const RuleContext& context, Node call) {
  Callee callee;
  Node expression = called_expression(context.model, call, callee.leading);
  if (expression) expression = follow_own(context.model, expression, callee);
  const auto symbol = expression ? context.model.resolve(expression) : std::nullopt;
  if (!symbol || !symbol->certain) return std::nullopt;
  callee.path = symbol->path;
  if (!follow_project(context, callee)) return std::nullopt;
  return callee;
}

std::optional<Callee> direct_callee_of(const SemanticModel& model, Node call) {
  Callee callee;
  const Node expression = called_expression(model, call, callee.leading);
  const SymbolUse* use = expression ? model.use_at(expression) : nullptr;
  if (!use || !use->symbol.certain) return std::nullopt;
  callee.path = use->symbol.path;
  return callee;
}

}  // namespace dagfix

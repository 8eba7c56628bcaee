#include "project/class_constructor.hpp"

#include <algorithm>

namespace dagfix {

namespace {

/// The __init__ of a class; null if it has none.
Node init_of(Node definition) {
  for (Node part : definition.child(Field::body).named_children()) {
    if (part.is(Kind::decorated_definition)) part = part.child(Field::definition);
    if (part.is(Kind::function_definition) && part.child(Field::name).text() == "__init__") {
      return part;
    }
  }
  return {};
}

/// The name that a parameter binds, without stars, type and default.
Node name_of(Node parameter) {
  if (const Node name = parameter.child(Field::name)) return name;
  return parameter.child(Kind::identifier);
}

void read_super(Node call, std::string_view rest, ClassConstructor& out) {
  for (const Node argument : call.child(Field::arguments).named_children()) {
    if (argument.is(Kind::keyword_argument)) {
      out.given.emplace_back(argument.child(Field::name).text());
    } else if (argument.is(Kind::dictionary_splat)) {
      const auto inner = argument.named_children();
      if (inner.size() == 1 && inner[0].text() == rest) out.passes_rest = true;
    }
  }
}

bool is_super_init(Node call) {
  const Node function = call.child(Field::function);
  return function.is(Kind::attribute) && function.child(Field::attribute).text() == "__init__" &&
         function.child(Field::object).text().starts_with("super(");
}

}  // namespace

bool ClassConstructor::passes(std::string_view keyword) const {
  if (!is_own) return true;
  return passes_rest && std::ranges::find(parameters, keyword) == parameters.end() &&
         std::ranges::find(given, keyword) == given.end();
}

ClassConstructor constructor_of(const SyntaxTree& tree, Node class_definition) {
  ClassConstructor result;
  const Node init = init_of(class_definition);
  if (!init) return result;
  result.is_own = true;
  std::string_view rest;
  const auto parameters = init.child(Field::parameters).named_children();
  for (std::size_t i = 1; i < parameters.size(); ++i) {
    Node parameter = parameters[i];
    if (parameter.is(Kind::typed_parameter)) {
      const auto inner = parameter.named_children();
      if (!inner.empty() && inner[0].is(Kind::dictionary_splat_pattern)) parameter = inner[0];
    }
    const std::string_view name = name_of(parameter).text();
    if (parameter.is(Kind::dictionary_splat_pattern)) {
      rest = name;
    } else if (!name.empty()) {
      result.parameters.emplace_back(name);
    }
  }
  for (std::uint32_t id = init.id(); id < tree.subtree_end(init.id()); ++id) {
    const Node node = tree.node(id);
    if (node.is(Kind::call) && is_super_init(node)) read_super(node, rest, result);
  }
  return result;
}

}  // namespace dagfix

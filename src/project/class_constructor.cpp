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

Node first_argument(Node call) {
  const auto arguments = call.child(Field::arguments).named_children();
  return arguments.empty() ? Node() : arguments[0];
}

/// The text of a string without escapes and fields; empty otherwise.
std::string_view plain_text(Node string) {
  const Node content = string.child(Kind::string_content);
  const bool is_whole = content && content.named_children().empty() &&
                        content.text().size() + 2 == string.text().size();
  return is_whole ? content.text() : std::string_view();
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

/// The parameters from `first` on; the name of **kwargs.
std::string_view read_parameters(Node function, std::size_t first, ClassConstructor& out) {
  out.is_own = true;
  std::string_view rest;
  const auto parameters = function.child(Field::parameters).named_children();
  for (std::size_t i = first; i < parameters.size(); ++i) {
    Node parameter = parameters[i];
    if (parameter.is(Kind::typed_parameter)) {
      const auto inner = parameter.named_children();
      if (!inner.empty() && inner[0].is(Kind::dictionary_splat_pattern)) parameter = inner[0];
    }
    const std::string_view name = name_of(parameter).text();
    if (parameter.is(Kind::dictionary_splat_pattern)) {
      rest = name;
    } else if (!name.empty()) {
      out.parameters.emplace_back(name);
    }
  }
  return rest;
}

/// What a function takes out of its **kwargs before it hands them on is like a parameter.
void read_taken(const SyntaxTree& tree, Node function, std::string_view rest,
                ClassConstructor& out) {
  if (!out.passes_rest) return;
  for (std::uint32_t id = function.id(); id < tree.subtree_end(function.id()); ++id) {
    const Node name = tree.node(id);
    if (!name.is(Kind::identifier) || name.text() != rest) continue;
    const Node parent = name.parent();
    const bool is_bound = parent.is(Kind::assignment) && name.field() == Field::left;
    const bool is_deleted = parent.is(Kind::subscript) && name.field() == Field::value &&
                            parent.parent().is(Kind::delete_statement);
    const bool is_popped = parent.is(Kind::attribute) && name.field() == Field::object &&
                           parent.child(Field::attribute).text() == "pop";
    if (is_bound) out.passes_rest = false;
    if (!is_deleted && !is_popped) continue;
    const Node key = is_deleted ? parent.child(Field::subscript) : first_argument(parent.parent());
    const auto text = key.is(Kind::string) ? plain_text(key) : std::string_view();
    if (text.empty()) {
      out.passes_rest = false;  // which one is not known
    } else {
      out.parameters.emplace_back(text);
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
  const std::string_view rest = read_parameters(init, 1, result);
  for (std::uint32_t id = init.id(); id < tree.subtree_end(init.id()); ++id) {
    const Node node = tree.node(id);
    if (node.is(Kind::call) && is_super_init(node)) read_super(node, rest, result);
  }
  read_taken(tree, init, rest, result);
  return result;
}

Node forwarded_call(const SyntaxTree& tree, Node function_definition, ClassConstructor& out) {
  const std::string_view rest = read_parameters(function_definition, 0, out);
  Node found;
  if (rest.empty() || function_definition.parent().is(Kind::decorated_definition)) return found;
  for (std::uint32_t id = function_definition.id(); id < tree.subtree_end(function_definition.id());
       ++id) {
    const Node splat = tree.node(id);
    if (!splat.is(Kind::dictionary_splat) || splat.named_children()[0].text() != rest) continue;
    const Node call = splat.parent().parent();
    if (found || !call.is(Kind::call)) return {};
    found = call;
  }
  if (found) read_super(found, rest, out);
  read_taken(tree, function_definition, rest, out);
  return found;
}

}  // namespace dagfix

#include "rules/code/conf.hpp"

#include <algorithm>

#include "project/project.hpp"

namespace dagfix {

namespace {

/// conf, config, dag_conf, tmp_conf, conf_data, self.config ...
bool is_conf_name(std::string_view name) {
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower == "conf" || lower.starts_with("conf_") || lower == "config" ||
         lower.ends_with("_conf") || lower.ends_with("_config") ||
         lower.find("_conf_") != std::string::npos;
}

/// A name that may as well be that of an application's configuration.
bool is_doubtful(std::string_view name) {
  return name.ends_with("config") && !name.contains("workflow") && !name.contains("dag");
}

bool is_conf_key(const SemanticModel& model, Node key) {
  const auto constant = model.constant(key);
  return constant && constant->value == "conf";
}

}  // namespace

std::optional<KeyUse> key_use(Node node) {
  switch (node.kind()) {
    case Kind::subscript:
      return KeyUse{node.child(Field::subscript), node.child(Field::value)};
    case Kind::pair:
      if (!node.parent().is(Kind::dictionary)) return std::nullopt;
      return KeyUse{node.child(Field::key), node.parent()};
    case Kind::comparison_operator: {
      const Node word = node.child(Field::operators);
      const auto sides = node.named_children();
      if (sides.size() != 2 || (!word.is(Kind::op_in) && !word.is(Kind::op_not_in))) {
        return std::nullopt;
      }
      return KeyUse{sides[0], sides[1]};
    }
    case Kind::call: {
      const Node function = node.child(Field::function);
      const std::string_view method = function.child(Field::attribute).text();
      const auto arguments = node.child(Field::arguments).named_children();
      if (arguments.empty() || (method != "get" && method != "pop" && method != "setdefault")) {
        return std::nullopt;
      }
      return KeyUse{arguments[0], function.child(Field::object)};
    }
    default:
      return std::nullopt;
  }
}

Safety ConfFinder::safety_of(Node expression) const {
  if (!file_is_kaapanas()) return Safety::unsafe;
  const Node name =
      expression.is(Kind::attribute) ? expression.child(Field::attribute) : expression;
  if (!name.is(Kind::identifier)) return Safety::safe;
  if (expression.is(Kind::attribute)) {
    return is_doubtful(name.text()) ? Safety::unsafe : Safety::safe;
  }
  // `config = dag_run.conf` says what it is.
  bool comes_from_elsewhere = is_doubtful(name.text());
  for (const BindingId id : model_.reaching(name.text(), name)) {
    const Binding& binding = model_.bindings()[id];
    if (binding.kind == BindingKind::import) return Safety::unsafe;
    if (binding.kind != BindingKind::assignment || !binding.value) continue;
    const Node value =
        binding.value.is(Kind::boolean_operator) ? binding.value.child(Field::left) : binding.value;
    if (value && value.text().ends_with("conf")) return Safety::safe;
    comes_from_elsewhere = comes_from_elsewhere || (value.is(Kind::call) && !is_conf(value));
  }
  return comes_from_elsewhere ? Safety::unsafe : Safety::safe;
}

bool ConfFinder::is_conf(Node expression, int depth) const {
  if (depth == 0) return false;
  switch (expression.kind()) {
    case Kind::attribute:
      return is_conf_name(expression.child(Field::attribute).text());
    case Kind::identifier:
      return is_conf_variable(expression, depth);
    case Kind::subscript:
      return is_conf_key(model_, expression.child(Field::subscript));
    case Kind::boolean_operator:  // dag_run.conf or {}
      return is_conf(expression.child(Field::left), depth - 1);
    case Kind::conditional_expression:
    case Kind::parenthesized_expression:
      return std::ranges::any_of(expression.named_children(),
                                 [&](Node part) { return is_conf(part, depth - 1); });
    case Kind::dictionary:
      for (const Node item : expression.named_children()) {
        if (item.is(Kind::dictionary_splat) && is_conf(item.named_children()[0], depth - 1)) {
          return true;
        }
      }
      return becomes_conf(expression);
    case Kind::call:
      return is_conf_call(expression, depth);
    default:
      return false;
  }
}

bool ConfFinder::is_conf_variable(Node name, int depth) const {
  const auto found = model_.reaching(name.text(), name);
  bool known = false;
  for (const BindingId id : found) {
    const Binding& binding = model_.bindings()[id];
    // airflow.configuration.conf is Airflow's own.
    if (binding.kind == BindingKind::import) {
      const auto symbol = model_.resolve(name);
      known = known || (symbol && symbol->path.starts_with("airflow."));
    }
    if (binding.kind != BindingKind::assignment || !binding.value) continue;
    if (is_conf(binding.value, depth - 1)) return true;
    // A value that comes from elsewhere for sure is no conf, whatever its name is.
    known = known || binding.value.is(Kind::dictionary);
  }
  return !known && is_conf_name(name.text());
}

bool ConfFinder::is_conf_call(Node call, int depth) const {
  const Node function = call.child(Field::function);
  const std::string_view name = function.text();
  const auto arguments = call.child(Field::arguments).named_children();
  if (name == "dict" || name.ends_with("copy")) {
    if (name == "dict" && becomes_conf(call)) return true;
    if (!arguments.empty() && is_conf(arguments[0], depth - 1)) return true;
    return is_conf(function.child(Field::object), depth - 1);
  }
  if (function.child(Field::attribute).text() == "keys") {
    return is_conf(function.child(Field::object), depth - 1);
  }
  if (function.child(Field::attribute).text() == "get" && !arguments.empty()) {
    return is_conf_key(model_, arguments[0]);
  }
  if (name.ends_with("json.load") || name.ends_with("json.loads")) {
    return model_.tree().text().find("conf.json") != std::string_view::npos;
  }
  return false;
}

bool ConfFinder::becomes_conf(Node literal) const {
  const Node parent = literal.parent();
  switch (parent.kind()) {
    case Kind::assignment: {
      const Node left = parent.child(Field::left);
      if (left.is(Kind::subscript)) return is_conf_key(model_, left.child(Field::subscript));
      const Node name = left.is(Kind::attribute) ? left.child(Field::attribute) : left;
      return is_conf_name(name.text());
    }
    case Kind::keyword_argument:
      return is_conf_name(parent.child(Field::name).text());
    case Kind::argument_list: {  // conf.update({...})
      const Node function = parent.parent().child(Field::function);
      return function.child(Field::attribute).text() == "update" &&
             is_conf(function.child(Field::object));
    }
    case Kind::pair:
      return literal.field() == Field::value && is_conf_key(model_, parent.child(Field::key));
    default:
      return false;
  }
}

bool ConfFinder::file_is_kaapanas() const {
  if (std::ranges::any_of(model_.imports(),
                          [](const Import& import) { return is_kaapana(import.module); })) {
    return true;
  }
  const std::string_view text = model_.tree().text();
  return text.find("dag_run") != std::string_view::npos ||
         text.find("conf.json") != std::string_view::npos ||
         text.find("data_form") != std::string_view::npos;
}

}  // namespace dagfix

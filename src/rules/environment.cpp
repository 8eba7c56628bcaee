#include "rules/environment.hpp"

#include <algorithm>

namespace dagfix {

namespace {

/// What KaapanaBaseOperator sets in every container.
constexpr std::string_view kVariables[] = {"OPERATOR_IN_DIR", "OPERATOR_OUT_DIR",
                                           "BATCHES_INPUT_DIR", "WORKFLOW_DIR", "BATCH_NAME"};

bool imports_package(const SemanticModel& model, std::string_view package) {
  return std::ranges::any_of(model.imports(), [&](const Import& import) {
    const std::string_view module = import.module;
    return module.substr(0, module.find('.')) == package;
  });
}

}  // namespace

bool is_read_variable(Node literal) {
  const Node parent = literal.parent();
  if (parent.is(Kind::subscript)) {
    return parent.child(Field::value).text().ends_with("environ");
  }
  if (parent.is(Kind::comparison_operator)) {
    const auto sides = parent.named_children();
    return sides.size() == 2 && sides[0] == literal && sides[1].text().ends_with("environ");
  }
  if (!parent.is(Kind::argument_list)) return false;
  const std::string_view callee = parent.parent().child(Field::function).text();
  return callee.ends_with("getenv") || callee.ends_with("environ.get") ||
         callee.ends_with("environ.pop");
}

Node call_with_variable(Node literal) {
  const Node pair = literal.parent();
  if (!pair.is(Kind::pair) || literal.field() != Field::key) return {};
  const Node keyword = pair.ancestor(Kind::keyword_argument);
  return keyword.child(Field::name).text() == "env_vars" ? keyword.parent().parent() : Node();
}

bool is_loaded_by_airflow(const SemanticModel& model) {
  return imports_package(model, "kaapana") || imports_package(model, "airflow");
}

bool runs_on_platform(const SemanticModel& model) {
  if (is_loaded_by_airflow(model) || imports_package(model, "kaapanapy")) return true;
  return std::ranges::any_of(kVariables, [&](std::string_view variable) {
    return model.tree().text().contains(variable);
  });
}

}  // namespace dagfix

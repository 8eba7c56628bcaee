#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "rules/arguments.hpp"
#include "rules/file_context.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

/// How sure it is that a string is a DAG id.
enum class Certainty : std::uint8_t { none, likely, certain };

/// The name under which a value is given: keyword, dictionary key, variable or what it is
/// compared with.
std::string_view role_of(Node literal) {
  Node value = literal;
  Node parent = value.parent();
  while (parent.is(Kind::list) || parent.is(Kind::tuple) || parent.is(Kind::set) ||
         parent.is(Kind::parenthesized_expression) || parent.is(Kind::expression_list)) {
    value = parent;
    parent = parent.parent();
  }
  switch (parent.kind()) {
    case Kind::keyword_argument:
      return parent.child(Field::name).text();
    case Kind::pair: {
      if (value.field() != Field::value) return {};
      const Node key = parent.child(Field::key);
      return plain_content(key) ? key.text().substr(1, key.text().size() - 2) : std::string_view{};
    }
    case Kind::assignment: {
      const Node left = parent.child(Field::left);
      return left.is(Kind::attribute) ? left.child(Field::attribute).text() : left.text();
    }
    case Kind::comparison_operator:
      for (const Node side : parent.named_children()) {
        if (side.is(Kind::attribute)) return side.child(Field::attribute).text();
        if (side.is(Kind::identifier)) return side.text();
      }
      return {};
    default:
      return {};
  }
}

bool is_inside_dag_definition(const RuleContext& context, Node literal) {
  return std::ranges::any_of(context.dags,
                             [&](const DagInfo& dag) { return dag.call.encloses(literal); });
}

/// Where a constant is read: TARGET = "..."; start(trigger_dag_id=TARGET)
std::vector<Node> reads_of(const SemanticModel& model, Node literal) {
  const Node target = literal.parent().child(Field::left);
  if (!literal.parent().is(Kind::assignment) || !target.is(Kind::identifier)) return {};
  for (BindingId id = 0; id < model.bindings().size(); ++id) {
    if (!(model.bindings()[id].target == target)) continue;
    const auto reads = model.reads_of(id);
    return {reads.begin(), reads.end()};
  }
  return {};
}

/// task_id="...", and what becomes one; an operator may also be given it by position.
bool names_task(const SemanticModel& model, Node node) {
  const Node parent = node.parent();
  if (parent.is(Kind::argument_list)) {
    const auto callee = model.resolve(parent.parent().child(Field::function));
    return callee && callee->path.ends_with("Operator");
  }
  if (!parent.is(Kind::keyword_argument)) return false;
  const std::string_view name = parent.child(Field::name).text();
  return name == "task_id" || name == "name" || name == "group_id" || name == "operator_out_dir";
}

Certainty certainty_of(const RuleContext& context, Node literal) {
  if (is_inside_dag_definition(context, literal)) return Certainty::none;
  if (names_dag_id(role_of(literal))) return Certainty::certain;
  const auto reads = reads_of(context.model, literal);
  const auto is_task = [&](Node node) { return names_task(context.model, node); };
  if (is_task(literal) || std::ranges::any_of(reads, is_task)) return Certainty::none;
  const auto is_dag_id = [](Node read) { return names_dag_id(role_of(read)); };
  if (!reads.empty() && std::ranges::all_of(reads, is_dag_id)) return Certainty::certain;
  const Node statement = literal.parent();
  if (statement.is(Kind::expression_statement)) return Certainty::none;  // a docstring
  return Certainty::likely;
}

void report(const RuleContext& context, const ValueEntry& entry, Node literal,
            Certainty certainty) {
  DraftFinding finding = describe_dag_id(entry);
  finding.range = literal.range();
  if (entry.new_value.empty()) {
    finding.severity = certainty == Certainty::certain ? Severity::error : Severity::warning;
    return context.report(std::move(finding));
  }
  if (const auto content = plain_content(literal)) {
    FixDraft fix;
    fix.safety = certainty == Certainty::certain ? Safety::safe : Safety::unsafe;
    fix.title = fmt::format("replace '{}' by '{}'", entry.old_value, entry.new_value);
    fix.edits = {{*content, entry.new_value}};
    finding.fix = std::move(fix);
  }
  context.report(std::move(finding));
}

}  // namespace

void check_value(const RuleContext& context) {
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node node = context.tree().node(id);
    const bool whole = node.is(Kind::concatenated_string) ||
                       (node.is(Kind::string) && !node.parent().is(Kind::concatenated_string));
    if (!whole) continue;
    const auto constant = context.model.constant(node);
    if (!constant) continue;
    for (const ValueEntry& entry : context.rule->values) {
      if (constant->value != entry.old_value || !context.rules.in_range(entry.since)) continue;
      // A DAG of the project's own may bear any id.
      if (context.project.facts.defined_dags.contains(entry.old_value)) continue;
      const Certainty certainty = certainty_of(context, node);
      if (certainty == Certainty::none) continue;
      if (certainty == Certainty::likely && entry.new_value.empty()) continue;
      report(context, entry, node, certainty);
    }
  }
}

}  // namespace dagfix

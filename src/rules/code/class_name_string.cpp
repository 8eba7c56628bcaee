#include "rules/class_uses.hpp"
#include "rules/code/rules.hpp"
#include "rules/file_context.hpp"

namespace dagfix {

namespace {

/// The rule whose old class a string names, by its name, module or full path.
const Rule* rule_naming(const RuleContext& context, std::string_view text) {
  for (const Rule* rule : context.rules.rules()) {
    if (rule->kind != "operator") continue;
    const std::string& path = rule->replacement.old_class;
    if (!path.starts_with(text) && !path.ends_with(text)) continue;
    if (text == short_name(path) || text == module_of(path) || text == path) return rule;
  }
  return nullptr;
}

bool is_statement(Node literal) { return literal.parent().is(Kind::expression_statement); }

}  // namespace

void check_class_name_string(const RuleContext& context) {
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node node = context.tree().node(id);
    const bool whole = node.is(Kind::concatenated_string) ||
                       (node.is(Kind::string) && !node.parent().is(Kind::concatenated_string));
    if (!whole || is_statement(node)) continue;
    const auto constant = context.model.constant(node);
    if (!constant) continue;
    const Rule* rule = rule_naming(context, constant->value);
    if (!rule) continue;
    DraftFinding finding = describe_class_name(*rule, constant->value);
    finding.range = node.range();
    context.report(std::move(finding));
  }
}

}  // namespace dagfix

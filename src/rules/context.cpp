#include "rules/context.hpp"

#include <algorithm>

#include "rules/api/rules.hpp"
#include "rules/arguments.hpp"
#include "rules/code/rules.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

const std::set<std::string, std::less<>>& RuleContext::form() const {
  if (!known_form) known_form = form_properties(model);
  return *known_form;
}

void RuleContext::report(DraftFinding finding) const {
  if (is_suppressed(finding.range)) return;
  finding.rule = rule->info.code;
  if (!finding.severity) finding.severity = rule->info.severity;
  out->push_back(std::move(finding));
}

namespace {

struct Entry {
  std::string_view name;
  RuleFunction function;
};

constexpr Entry kKinds[] = {
    {"operator", check_operator}, {"argument", check_argument}, {"value", check_value},
    {"name", check_name},         {"client", check_client},     {"symbol", check_symbol},
    {"text", check_text},         {"label", check_label},       {"property", check_property},
};

constexpr Entry kCodeRules[] = {
    {"argument-order", check_argument_order},
    {"missing-argument", check_missing_argument},
    {"removed-import", check_removed_import},
    {"unknown-argument", check_unknown_argument},
    {"form-data-key", check_form_data_key},
    {"thumbnail-variable", check_thumbnail_variable},
    {"class-name-string", check_class_name_string},
    {"test-environment", check_test_environment},
};

}  // namespace

RuleFunction function_of(const Rule& rule) {
  const bool is_code = rule.kind == "code" || rule.kind == "api";
  const std::span<const Entry> table = is_code ? std::span<const Entry>(kCodeRules) : kKinds;
  const std::string_view name = is_code ? rule.info.name : rule.kind;
  const auto found = std::ranges::find(table, name, &Entry::name);
  return found == table.end() ? nullptr : found->function;
}

std::vector<std::string_view> code_rule_names() {
  std::vector<std::string_view> names;
  for (const Entry& entry : kCodeRules) names.push_back(entry.name);
  return names;
}

}  // namespace dagfix

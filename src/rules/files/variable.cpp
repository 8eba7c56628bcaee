#include <fmt/format.h>

#include <algorithm>

#include "rules/file_context.hpp"

namespace dagfix {

using Role = Item::Role;

bool is_set_here(const FileRuleContext& context, std::string_view name) {
  return std::ranges::any_of(context.items.items, [&](const Item& item) {
    if (context.text(item) != name) return false;
    return item.role == Role::key || (item.role == Role::value && context.name_of(item) == "name");
  });
}

bool reads_variable(const FileRuleContext& context, const Item& item) {
  if (item.role == Role::variable) return true;
  return item.role == Role::member && item.is_plain && context.name_of(item) == "env";
}

void check_thumbnail_variable_in(const FileRuleContext& context) {
  constexpr std::string_view kOld = "ORIG_IMAGE_OPERATOR_DIR";
  constexpr std::string_view kNew = "GET_REF_SERIES_OPERATOR_DIR";
  // A project that sets the variable may go on to read it.
  if (context.project.facts.set_variables.contains(kOld) || is_set_here(context, kOld)) return;
  for (const Item& item : context.items.items) {
    if (context.text(item) != kOld || !reads_variable(context, item)) continue;
    DraftFinding finding;
    finding.range = item.range;
    finding.message =
        fmt::format("GenerateThumbnailOperator sets {} instead of {} since 0.5.0", kNew, kOld);
    finding.remedy =
        fmt::format("use {}, if this script is run by GenerateThumbnailOperator", kNew);
    finding.fix = FixDraft{Safety::unsafe,
                           fmt::format("rename it to {}", kNew),
                           {{item.content, std::string(kNew)}},
                           {}};
    context.report(std::move(finding));
  }
}

}  // namespace dagfix

#include <fmt/format.h>

#include "rules/file_context.hpp"

namespace dagfix {

namespace {

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('.') + 1); }

}  // namespace

void check_class_name_in(const FileRuleContext& context) {
  for (const Item& item : context.items.items) {
    if (item.role != Item::Role::value || !item.is_plain) continue;
    for (const Rule* rule : context.rules.rules()) {
      if (rule->kind != "operator") continue;
      const std::string& path = rule->replacement.old_class;
      const std::string_view text = context.text(item);
      if (text != path && text != last_part(path)) continue;
      DraftFinding finding = describe_class_name(*rule, text);
      finding.range = item.range;
      context.report(std::move(finding));
    }
  }
}

}  // namespace dagfix

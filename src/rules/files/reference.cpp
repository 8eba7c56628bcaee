#include <fmt/format.h>

#include <algorithm>

#include "rules/file_context.hpp"

namespace dagfix {

namespace {

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_in_comment(const FileRuleContext& context, ByteRange range) {
  return std::ranges::any_of(context.items.comments,
                             [&](ByteRange comment) { return comment.contains(range); });
}

void check_entry(const FileRuleContext& context, const ValueEntry& entry) {
  const std::string_view text = context.file.text();
  const std::string& old = entry.old_value;
  for (auto at = text.find(old); at != std::string_view::npos; at = text.find(old, at + 1)) {
    const std::size_t behind = at + old.size();
    if (at > 0 && is_name_char(text[at - 1]) && is_name_char(old.front())) continue;
    if (behind < text.size() && is_name_char(text[behind])) continue;
    const ByteRange range{static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(behind)};
    if (is_in_comment(context, range)) continue;
    DraftFinding finding;
    finding.range = range;
    finding.message = fmt::format("'{}' {} since {}", old, entry.note,
                                  to_string(entry.since.value_or(Version{})));
    finding.remedy = fmt::format("write '{}'", entry.new_value);
    FixDraft fix;
    fix.safety = Safety::unsafe;
    fix.title = fmt::format("replace {} by {}", old, entry.new_value);
    fix.edits = {{range, entry.new_value}};
    finding.fix = std::move(fix);
    context.report(std::move(finding));
  }
}

}  // namespace

void check_reference_in(const FileRuleContext& context) {
  for (const ValueEntry& entry : context.rule->values) {
    if (!context.rules.in_range(entry.since)) continue;
    const std::string_view name =
        std::string_view(entry.old_value).substr(entry.old_value.rfind('.') + 1);
    // A chart of the project's own may define any value.
    if (context.project.facts.chart_values.contains(name)) continue;
    check_entry(context, entry);
  }
}

}  // namespace dagfix

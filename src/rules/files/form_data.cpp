#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "rules/file_context.hpp"

namespace dagfix {

namespace {

using Role = Item::Role;

constexpr std::string_view kFormData = "form_data";
constexpr std::string_view kWorkflowForm = "workflow_form";

bool has_sibling(const FileRuleContext& context, const Item& key, std::string_view name) {
  return std::ranges::any_of(context.items.items, [&](const Item& item) {
    return item.role == Role::key && item.group == key.group && context.text(item) == name;
  });
}

/// How sure it is that a key or member belongs to a run's conf; nothing: it is something else.
std::optional<Safety> certainty_of(const FileRuleContext& context, const Item& item) {
  if (is_conf(context.name_of(item))) return Safety::safe;
  if (item.role != Role::key || context.kind == FileKind::script) return std::nullopt;
  if (item.parent == Item::kNone && context.file.path().ends_with("conf.json")) return Safety::safe;
  const bool is_like_conf =
      has_sibling(context, item, "data_form") || has_sibling(context, item, "project_form");
  return is_like_conf ? std::optional(Safety::unsafe) : std::nullopt;
}

void report(const FileRuleContext& context, ByteRange range, ByteRange content, Safety safety) {
  DraftFinding finding;
  finding.range = range;
  finding.message = fmt::format("a run's conf has no '{}' since 0.5.0, its content is in '{}'",
                                kFormData, kWorkflowForm);
  finding.remedy = fmt::format("write '{}'", kWorkflowForm);
  FixDraft fix;
  fix.safety = safety;
  fix.title = fmt::format("rename it to '{}'", kWorkflowForm);
  fix.edits = {{content, std::string(kWorkflowForm)}};
  finding.fix = std::move(fix);
  context.report(std::move(finding));
}

/// jq -r '.form_data.model' conf.json
void check_filter(const FileRuleContext& context, const Item& word) {
  const std::string_view text = context.text(word);
  // A filter that asks for both works.
  if (context.name_of(word) != "jq" || text.contains(kWorkflowForm)) return;
  const ByteRange line = context.file.line(context.file.line_column(word.range.begin).line);
  const bool is_conf_json = context.file.slice(line).contains("conf.json");
  const Safety safety = is_conf_json ? Safety::safe : Safety::unsafe;
  for (auto at = text.find(kFormData); at != std::string_view::npos;
       at = text.find(kFormData, at + 1)) {
    const char before = at == 0 ? ' ' : text[at - 1];
    const std::size_t behind = at + kFormData.size();
    const char after = behind < text.size() ? text[behind] : ' ';
    const bool is_name = (after >= 'a' && after <= 'z') || (after >= 'A' && after <= 'Z') ||
                         (after >= '0' && after <= '9') || after == '_';
    if ((before != '.' && before != '"') || is_name) continue;
    const auto begin = static_cast<std::uint32_t>(word.content.begin + at);
    const ByteRange range{begin, begin + static_cast<std::uint32_t>(kFormData.size())};
    report(context, range, range, safety);
  }
}

}  // namespace

void check_form_data_in(const FileRuleContext& context) {
  for (const Item& item : context.items.items) {
    if (item.role == Role::word) {
      check_filter(context, item);
      continue;
    }
    const bool may_be = item.role == Role::key || item.role == Role::member;
    if (!may_be || !item.is_plain || context.text(item) != kFormData) continue;
    if (item.role == Role::key && has_sibling(context, item, kWorkflowForm)) continue;
    if (const auto safety = certainty_of(context, item)) {
      report(context, item.range, item.content, *safety);
    }
  }
}

}  // namespace dagfix

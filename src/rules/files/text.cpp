#include <fmt/format.h>

#include <algorithm>

#include "rules/file_context.hpp"

namespace dagfix {

namespace {

using Form = TextEntry::Form;
using Role = Item::Role;

/// Where the name stands in a reference such as `registry/folder/name:tag`.
ByteRange image_name(std::string_view reference) {
  const std::size_t begin = reference.rfind('/') + 1;
  const std::size_t end = std::min(reference.find_first_of(":@", begin), reference.size());
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

/// Whether an item is an image that is pulled or built upon.
bool is_image(const FileRuleContext& context, std::size_t index) {
  const Item& item = context.items.items[index];
  const std::string name = lower(context.name_of(item));
  if (context.kind != FileKind::dockerfile) {
    return item.role == Role::value && (name.contains("image") || name == "repository");
  }
  if (item.role == Role::value) return name == "--from" || lower(context.name_of(item, 2)) == "arg";
  // The first word; what follows is AS and the name of the stage.
  const bool is_first = context.items.items[index - 1].role != Role::word;
  return item.role == Role::word && name == "from" && is_first;
}

void report(const FileRuleContext& context, const TextEntry& entry, ByteRange range,
            ByteRange content) {
  DraftFinding finding;
  finding.range = range;
  finding.message = entry.reason;
  finding.severity = entry.severity;
  finding.remedy = entry.otherwise;
  if (!entry.new_value.empty()) {
    finding.remedy = fmt::format("write '{}'", entry.new_value);
    FixDraft fix;
    fix.title = fmt::format("replace it by {}", entry.new_value);
    fix.edits = {{content, entry.new_value}};
    finding.fix = std::move(fix);
  }
  context.report(std::move(finding));
}

void check_images(const FileRuleContext& context, const TextEntry& entry) {
  if (context.project.facts.own_images.contains(entry.old_value)) return;
  for (std::size_t i = 0; i < context.items.items.size(); ++i) {
    const Item& item = context.items.items[i];
    if (item.role != Role::value && item.role != Role::word) continue;
    const std::string_view text = context.text(item);
    const ByteRange name = image_name(text);
    if (text.substr(name.begin, name.size()) != entry.old_value || !is_image(context, i)) continue;
    const std::uint32_t begin = item.content.begin;
    report(context, entry, item.range, {begin + name.begin, begin + name.end});
  }
}

void check_variables(const FileRuleContext& context, const TextEntry& entry) {
  if (!entry.classes.empty() || is_set_here(context, entry.old_value)) return;
  if (context.project.facts.set_variables.contains(entry.old_value)) return;
  for (const Item& item : context.items.items) {
    if (context.text(item) != entry.old_value || !reads_variable(context, item)) continue;
    report(context, entry, item.range, item.content);
  }
}

void check_paths(const FileRuleContext& context, const TextEntry& entry) {
  for (const Item& item : context.items.items) {
    if (item.role != Role::word && item.role != Role::value) continue;
    const std::string_view text = context.text(item);
    if (!text.starts_with(entry.old_value)) continue;
    const std::string_view rest = text.substr(entry.old_value.size());
    if (rest.empty() || rest.starts_with('/')) report(context, entry, item.range, item.content);
  }
}

}  // namespace

void check_text_in(const FileRuleContext& context) {
  for (const TextEntry& entry : context.rule->texts) {
    if (!context.rules.in_range(entry.since, entry.until)) continue;
    if (entry.form == Form::image) check_images(context, entry);
    if (entry.form == Form::variable) check_variables(context, entry);
    if (entry.form == Form::path && context.kind == FileKind::shell) check_paths(context, entry);
  }
}

}  // namespace dagfix

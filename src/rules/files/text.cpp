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

/// `content`: what a fix replaces; empty if there is none.
void report(const FileRuleContext& context, const TextEntry& entry, ByteRange range,
            ByteRange content) {
  DraftFinding finding;
  finding.range = range;
  finding.message = entry.reason;
  finding.severity = entry.severity;
  finding.remedy = entry.otherwise;
  if (!entry.new_value.empty()) {
    finding.remedy = fmt::format("write '{}'", entry.new_value);
    if (!entry.otherwise.empty()) finding.remedy += "; " + entry.otherwise;
  }
  if (!entry.new_value.empty() && content.size() > 0) {
    FixDraft fix;
    fix.safety = entry.safety.value_or(context.rule->info.safety);
    fix.title = fmt::format("replace '{}' by '{}'", entry.old_value, entry.new_value);
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

/// Whether `text` has `wanted` at `at` as whole parts of a path.
bool is_part(std::string_view text, std::string_view wanted, std::size_t at) {
  const std::size_t behind = at + wanted.size();
  return behind == text.size() || std::string_view("/?#\"'`").contains(text[behind]);
}

void check_paths(const FileRuleContext& context, const TextEntry& entry) {
  if (makes_path(context, entry.old_value)) return;
  for (std::size_t i = 0; i < context.items.items.size(); ++i) {
    const Item& item = context.items.items[i];
    const std::string_view text = context.text(item);
    if (!text.starts_with(entry.old_value) || !is_part(text, entry.old_value, 0)) continue;
    if (is_path_in_container(context, i)) report(context, entry, item.range, item.content);
  }
}

void check_parts(const FileRuleContext& context, const TextEntry& entry) {
  for (const Item& item : context.items.items) {
    if (item.role != Role::word && item.role != Role::value) continue;
    const std::string_view text = context.text(item);
    const auto at = text.find(entry.old_value);
    if (at == std::string_view::npos || !is_part(text, entry.old_value, at)) continue;
    report(context, entry, item.range, {});
  }
}

/// A whole string, or the first part of an address's path: .../meta-index/_search
void check_values(const FileRuleContext& context, const TextEntry& entry) {
  for (const Item& item : context.items.items) {
    if (item.role != Role::word && item.role != Role::value) continue;
    const std::string_view text = context.text(item);
    const auto at = text.find(entry.old_value);
    if (at == std::string_view::npos || !is_part(text, entry.old_value, at)) continue;
    const bool is_whole = text == entry.old_value && item.is_plain;
    if (is_whole || text.substr(0, at).ends_with('/')) report(context, entry, item.range, {});
  }
}

void check_buckets(const FileRuleContext& context, const TextEntry& entry) {
  for (std::size_t i = 0; i < context.items.items.size(); ++i) {
    if (const auto name = bucket_in(context, i, entry.old_value)) {
      report(context, entry, context.items.items[i].range, *name);
    }
  }
}

void check_conf(const FileRuleContext& context, const TextEntry& entry) {
  for (const Item& item : context.items.items) {
    const bool may_be = item.role == Role::key || item.role == Role::member;
    if (may_be && context.text(item) == entry.old_value && is_conf(context.name_of(item))) {
      report(context, entry, item.range, {});
    }
  }
}

}  // namespace

void check_text_in(const FileRuleContext& context) {
  for (const TextEntry& entry : context.rule->texts) {
    if (!context.rules.in_range(entry.since, entry.until)) continue;
    switch (entry.form) {
      case Form::image:
        check_images(context, entry);
        break;
      case Form::variable:
        check_variables(context, entry);
        break;
      case Form::path:
        check_paths(context, entry);
        break;
      case Form::part:
        check_parts(context, entry);
        break;
      case Form::value:
        check_values(context, entry);
        break;
      case Form::bucket:
        check_buckets(context, entry);
        break;
      case Form::conf:
        check_conf(context, entry);
        break;
    }
  }
}

}  // namespace dagfix

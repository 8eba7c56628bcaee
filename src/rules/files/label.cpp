#include <fmt/format.h>

#include <algorithm>

#include "rules/file_context.hpp"

namespace dagfix {

namespace {

using Role = Item::Role;

bool is_label_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == '/';
}

/// labels:, matchLabels:, selector:
bool is_of_labels(const FileRuleContext& context, const Item& key) {
  const std::string name = lower(context.name_of(key));
  return name.contains("label") || name == "selector";
}

const Item* value_of(const FileRuleContext& context, std::size_t key) {
  const auto& items = context.items.items;
  for (std::size_t i = key + 1; i < items.size() && items[i].parent != items[key].parent; ++i) {
    if (items[i].parent == key && items[i].role == Role::value) return &items[i];
  }
  return nullptr;
}

bool has_sibling(const FileRuleContext& context, const Item& key, std::string_view name) {
  return std::ranges::any_of(context.items.items, [&](const Item& item) {
    return item.role == Role::key && item.group == key.group && context.text(item) == name;
  });
}

/// The edit that makes a value another text: without quotes "true" would be no string.
Edit replace_value(const Item& value, const std::string& text) {
  if (value.quote != 0) return {value.content, text};
  return {value.content, fmt::format("\"{}\"", text)};
}

void check_key(const FileRuleContext& context, std::size_t index) {
  const Item& key = context.items.items[index];
  const Item* value = value_of(context, index);
  const bool is_known = value && value->is_plain;
  const LabelEntry* entry = find_label(*context.rule, context.rules, context.text(key),
                                       is_known ? context.text(*value) : std::string_view());
  if (!entry || has_sibling(context, key, entry->new_label)) return;
  DraftFinding finding = describe_label(*entry);
  finding.range = key.range;
  if (is_known && !entry->value.empty()) {
    FixDraft fix;
    const bool is_certain = context.kind != FileKind::script && is_of_labels(context, key);
    fix.safety = is_certain ? Safety::safe : Safety::unsafe;
    fix.title = fmt::format("replace {} by {}", entry->label, entry->new_label);
    fix.edits = {{key.content, entry->new_label}};
    if (entry->new_value != entry->value) {
      fix.edits.push_back(replace_value(*value, entry->new_value));
    }
    finding.fix = std::move(fix);
  }
  context.report(std::move(finding));
}

/// kubectl get pods -l label=value; key: label in a selector's expression
void check_text(const FileRuleContext& context, const Item& item) {
  const std::string_view text = context.text(item);
  for (const LabelEntry& entry : context.rule->labels) {
    if (entry.value.empty() || !context.rules.in_range(entry.since)) continue;
    const std::string pair = entry.label + "=" + entry.value;
    const auto at = text.find(pair);
    const bool is_pair =
        at != std::string_view::npos && (at == 0 || !is_label_char(text[at - 1])) &&
        (at + pair.size() == text.size() || !is_label_char(text[at + pair.size()]));
    const bool is_expression = text == entry.label && context.name_of(item) == "key";
    if (!is_pair && !is_expression) continue;
    DraftFinding finding = describe_label(entry);
    finding.range = item.range;
    if (is_pair) {
      const auto begin = static_cast<std::uint32_t>(item.content.begin + at);
      FixDraft fix;
      fix.safety = Safety::unsafe;
      fix.title = fmt::format("replace {} by {}", entry.label, entry.new_label);
      fix.edits = {{{begin, begin + static_cast<std::uint32_t>(pair.size())},
                    entry.new_label + "=" + entry.new_value}};
      finding.fix = std::move(fix);
    } else {
      finding.remedy = fmt::format("ask for the label '{}' and the like instead", entry.new_label);
    }
    return context.report(std::move(finding));
  }
}

}  // namespace

void check_label_in(const FileRuleContext& context) {
  for (std::size_t i = 0; i < context.items.items.size(); ++i) {
    const Item& item = context.items.items[i];
    if (item.role == Role::key && item.is_plain) {
      check_key(context, i);
    } else if (item.role == Role::word || item.role == Role::value) {
      check_text(context, item);
    }
  }
}

}  // namespace dagfix

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/file_context.hpp"

namespace dagfix {

namespace {

using Role = Item::Role;

/// How sure it is that a value is a DAG id.
enum class Certainty : std::uint8_t { none, likely, certain };

/// Whether something around an item is about DAGs or workflows.
bool is_about_dags(const FileRuleContext& context, const Item& item) {
  for (const Item* around = context.parent(item); around; around = context.parent(*around)) {
    const std::string name = lower(context.text(*around));
    if (name.contains("dag") || name.contains("workflow")) return true;
  }
  return false;
}

/// Whether a key says that its value is something else that may bear the same name.
bool names_something_else(std::string_view key) {
  constexpr auto kParts = std::to_array<std::string_view>(
      {"image", "chart", "repo", "description", "title", "label", "path", "file", "url"});
  const std::string name = lower(key);
  return std::ranges::any_of(kParts, [&](std::string_view part) { return name.contains(part); });
}

/// `- name: DAG_ID` beside `value: ...`
bool is_value_of_variable(const FileRuleContext& context, const Item& item) {
  if (context.name_of(item) != "value") return false;
  const std::uint32_t group = context.parent(item)->group;
  return std::ranges::any_of(context.items.items, [&](const Item& other) {
    if (other.role != Role::value || context.name_of(other) != "name") return false;
    return context.parent(other)->group == group && names_dag_id(context.text(other));
  });
}

Certainty certainty_in_data(const FileRuleContext& context, const Item& item) {
  const std::string_view name = context.name_of(item);
  if (names_dag_id(name)) return Certainty::certain;
  if (item.role == Role::key) return Certainty::none;
  if (is_value_of_variable(context, item)) return Certainty::certain;
  const bool is_likely = is_about_dags(context, item) && !names_something_else(name);
  return is_likely ? Certainty::likely : Certainty::none;
}

/// `airflow dags trigger ID`, `--dag-id ID`
Certainty certainty_in_command(const FileRuleContext& context, std::size_t index) {
  const Item& item = context.items.items[index];
  if (item.role == Role::value) {
    return names_dag_id(context.name_of(item)) ? Certainty::certain : Certainty::none;
  }
  for (std::size_t i = index; i-- > 0;) {
    const Item& before = context.items.items[i];
    const bool is_of_command = before.parent == item.parent || i == item.parent;
    if (!is_of_command) break;
    const std::string_view word = context.text(before);
    if (i + 1 == index && word.starts_with("--") && names_dag_id(word)) return Certainty::certain;
    if (word == "dags" && context.name_of(item) == "airflow") return Certainty::certain;
  }
  return Certainty::none;
}

Certainty certainty_in_script(const FileRuleContext& context, const Item& item) {
  if (names_dag_id(context.name_of(item))) return Certainty::certain;
  return item.role == Role::value ? Certainty::likely : Certainty::none;
}

Certainty certainty_of(const FileRuleContext& context, std::size_t index) {
  const Item& item = context.items.items[index];
  if (item.role == Role::name || item.role == Role::member || item.role == Role::variable) {
    return Certainty::none;
  }
  if (item.role == Role::word) return certainty_in_command(context, index);
  switch (context.kind) {
    case FileKind::shell:
    case FileKind::dockerfile:
      // JSON in a word has keys as well.
      return item.quote == '"' && context.parent(item) && context.parent(item)->quote == '"'
                 ? certainty_in_data(context, item)
                 : certainty_in_command(context, index);
    case FileKind::script:
      return certainty_in_script(context, item);
    default:
      return certainty_in_data(context, item);
  }
}

void report(const FileRuleContext& context, const ValueEntry& entry, ByteRange range,
            ByteRange content, Certainty certainty) {
  DraftFinding finding = describe_dag_id(entry);
  finding.range = range;
  if (certainty != Certainty::certain) finding.severity = Severity::warning;
  if (!entry.new_value.empty()) {
    FixDraft fix;
    fix.safety = certainty == Certainty::certain ? Safety::safe : Safety::unsafe;
    fix.title = fmt::format("replace '{}' by '{}'", entry.old_value, entry.new_value);
    fix.edits = {{content, entry.new_value}};
    finding.fix = std::move(fix);
  }
  context.report(std::move(finding));
}

/// .../dags/ID/dagRuns, .../trigger/ID
void check_address(const FileRuleContext& context, const ValueEntry& entry, const Item& item) {
  const std::string_view text = context.text(item);
  for (const std::string_view folder : {"/dags/", "/trigger/"}) {
    const std::string part = std::string(folder) + entry.old_value;
    const auto at = text.find(part);
    if (at == std::string_view::npos) continue;
    const std::string_view rest = text.substr(at + part.size());
    if (!rest.empty() && !std::string_view("/?#\"'").contains(rest[0])) continue;
    const auto begin = static_cast<std::uint32_t>(item.content.begin + at + folder.size());
    const ByteRange id{begin, begin + static_cast<std::uint32_t>(entry.old_value.size())};
    report(context, entry, id, id, Certainty::certain);
  }
}

}  // namespace

void check_dag_id_in(const FileRuleContext& context) {
  for (const ValueEntry& entry : context.rule->values) {
    if (!context.rules.in_range(entry.since)) continue;
    // A DAG of the project's own may bear any id.
    if (context.project.facts.defined_dags.contains(entry.old_value)) continue;
    for (std::size_t i = 0; i < context.items.items.size(); ++i) {
      const Item& item = context.items.items[i];
      if (context.text(item) != entry.old_value || !item.is_plain) {
        if (item.role != Role::key) check_address(context, entry, item);
        continue;
      }
      const Certainty certainty = certainty_of(context, i);
      const bool is_left = certainty == Certainty::likely && entry.new_value.empty();
      if (certainty == Certainty::none || is_left) continue;
      report(context, entry, item.range, item.content, certainty);
    }
  }
}

}  // namespace dagfix

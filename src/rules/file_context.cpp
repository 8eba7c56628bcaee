#include "rules/file_context.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dagfix {

std::string_view FileRuleContext::name_of(const Item& item, int up) const {
  const Item* named = &item;
  for (int i = 0; i < up && named; ++i) named = parent(*named);
  return named ? text(*named) : std::string_view();
}

void FileRuleContext::report(DraftFinding finding) const {
  if (is_suppressed(finding.range)) return;
  finding.rule = rule->info.code;
  if (!finding.severity) finding.severity = rule->info.severity;
  if (finding.fix) {
    // What an anchor holds may mean something else where an alias uses it.
    const bool is_shared = std::ranges::any_of(finding.fix->edits, [&](const Edit& edit) {
      return std::ranges::any_of(items.shared,
                                 [&](ByteRange content) { return content.contains(edit.range); });
    });
    if (is_shared) finding.fix->safety = std::max(finding.fix->safety, Safety::unsafe);
    const bool is_known =
        is_shared && std::ranges::any_of(*out, [&](const DraftFinding& other) {
          return other.rule == finding.rule && other.fix && other.fix->edits == finding.fix->edits;
        });
    if (is_known) return;
  }
  out->push_back(std::move(finding));
}

namespace {

struct Entry {
  std::string_view name;
  FileRuleFunction function;
};

constexpr Entry kFunctions[] = {
    {"value", check_dag_id_in},
    {"label", check_label_in},
    {"reference", check_reference_in},
    {"text", check_text_in},
    {"form-data-key", check_form_data_in},
    {"class-name-string", check_class_name_in},
    {"thumbnail-variable", check_thumbnail_variable_in},
};

}  // namespace

FileRuleFunction file_function_of(const Rule& rule) {
  const std::string_view name = rule.kind == "code" ? rule.info.name : rule.kind;
  const auto found = std::ranges::find(kFunctions, name, &Entry::name);
  return found == std::end(kFunctions) ? nullptr : found->function;
}

const LabelEntry* find_label(const Rule& rule, const RuleSet& rules, std::string_view label,
                             std::string_view value) {
  const LabelEntry* other = nullptr;
  for (const LabelEntry& entry : rule.labels) {
    if (entry.label != label || !rules.in_range(entry.since)) continue;
    if (entry.value.empty()) other = &entry;
    if (!entry.value.empty() && entry.value == value) return &entry;
  }
  return other;
}

DraftFinding describe_label(const LabelEntry& entry) {
  DraftFinding finding;
  finding.message = fmt::format("the label '{}' {} since {}", entry.label, entry.reason,
                                to_string(entry.since.value_or(Version{})));
  finding.remedy = entry.value.empty()
                       ? entry.remedy
                       : fmt::format("write \"{}\": \"{}\"", entry.new_label, entry.new_value);
  return finding;
}

DraftFinding describe_dag_id(const ValueEntry& entry) {
  DraftFinding finding;
  const std::string since = to_string(entry.since.value_or(Version{}));
  if (entry.new_value.empty()) {
    finding.message = fmt::format("the DAG '{}' is gone since {}", entry.old_value, since);
    finding.remedy = entry.note.empty() ? "remove what starts or names it" : entry.note;
  } else {
    finding.message = fmt::format("the DAG '{}' is called '{}' since {}", entry.old_value,
                                  entry.new_value, since);
    finding.remedy = fmt::format("write '{}'", entry.new_value);
  }
  return finding;
}

DraftFinding describe_class_name(const Rule& rule, std::string_view name) {
  const std::string& path = rule.replacement.new_class;
  const std::string new_name = path.substr(path.rfind('.') + 1);
  DraftFinding finding;
  finding.message =
      fmt::format("this string names {}, which gives way to {} since {}: what it selects changes",
                  name, new_name, to_string(rule.info.since.value_or(Version{})));
  finding.remedy = fmt::format("make it work for {} as well, if migrated DAGs come here", new_name);
  return finding;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return result;
}

bool names_dag_id(std::string_view name) {
  std::string plain = lower(name);
  std::erase_if(plain, [](char c) { return c == '_' || c == '-' || c == ':'; });
  return plain == "dag" || plain == "dags" || plain == "dagname" || plain == "workflowid" ||
         plain.ends_with("dagid") || plain.ends_with("dagids");
}

}  // namespace dagfix

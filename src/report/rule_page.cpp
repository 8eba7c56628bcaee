#include "report/rule_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "report/common.hpp"

namespace dagfix {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kGraphHeading = "What it may change in the graph of a DAG";

std::string versions_of(const RuleInfo& rule) {
  std::string text;
  if (rule.since) text = fmt::format("since {}", to_string(*rule.since));
  if (rule.until) {
    text += fmt::format("{}before {}", text.empty() ? "" : ", ", to_string(*rule.until));
  }
  return text;
}

std::string migrations_of(const RuleInfo& rule) {
  std::string text;
  if (rule.since) {
    text = fmt::format("migrations from before {0} to {0} or newer", to_string(*rule.since));
  }
  if (rule.until) {
    text += fmt::format("{}targets before {}", text.empty() ? "" : ", ", to_string(*rule.until));
  }
  return text;
}

std::string_view who_fixes(Safety safety) {
  switch (safety) {
    case Safety::safe:
      return "`--apply`";
    case Safety::unsafe:
      return "`--apply` where it is certain, `--apply --unsafe-fixes` elsewhere";
    case Safety::manual:
      break;
  }
  return "a person";
}

void add_section(std::string& page, std::string_view heading, std::string_view content) {
  if (content.empty()) return;
  page += fmt::format("\n## {}\n\n{}{}", heading, content, content.ends_with('\n') ? "" : "\n");
}

std::string fenced(const RuleInfo& rule, std::string_view code) {
  const std::string_view end = code.ends_with('\n') ? "" : "\n";
  return fmt::format("```{}\n{}{}```\n", rule.language, code, end);
}

std::string example_of(const RuleInfo& rule) {
  if (rule.before.empty()) return {};
  if (rule.after.empty()) return fenced(rule, rule.before);
  return fmt::format("{}\nbecomes\n\n{}", fenced(rule, rule.before), fenced(rule, rule.after));
}

std::string indented(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    result += line.empty() ? "\n" : fmt::format("    {}\n", line);
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return result;
}

void add_block(std::string& page, std::string_view heading, std::string_view content) {
  if (!content.empty()) page += fmt::format("\n{}:\n\n{}", heading, indented(content));
}

/// Rules without fixes change nothing, which need not be said.
std::string graph_section(const RuleInfo& rule, std::string_view changes) {
  if (rule.safety == Safety::manual) return {};
  if (changes.empty()) {
    return "Nothing. A fix after which the graph of a DAG is another one is not made.\n";
  }
  return fmt::format("{}\nA fix that changes anything else in the graph of a DAG is not made.\n",
                     changes);
}

Json to_json(const RuleInfo& rule) {
  Json json = {{"code", rule.code},
               {"name", rule.name},
               {"severity", name_of(rule.severity)},
               {"fix_safety", name_of(rule.safety)},
               {"since", nullptr},
               {"until", nullptr},
               {"summary", rule.summary},
               {"why", rule.why},
               {"fix", rule.fix},
               {"guide", rule.guide},
               {"before", rule.before},
               {"after", rule.after}};
  if (rule.since) json["since"] = to_string(*rule.since);
  if (rule.until) json["until"] = to_string(*rule.until);
  return json;
}

}  // namespace

std::string rule_page_markdown(const RuleInfo& rule, std::string_view tables,
                               std::string_view graph_changes) {
  std::string page = fmt::format("# {} ({})\n\n{}\n\n", rule.name, rule.code, rule.summary);
  page += fmt::format("- Severity: {}\n", name_of(rule.severity));
  page += fmt::format("- Fixed by: {}\n", who_fixes(rule.safety));
  const std::string migrations = migrations_of(rule);
  if (!migrations.empty()) page += fmt::format("- Concerns: {}\n", migrations);
  add_section(page, "Why", rule.why);
  add_section(page, "Example", example_of(rule));
  add_section(page, "What dagfix does", rule.fix);
  add_section(page, "In detail", tables);
  add_section(page, kGraphHeading, graph_section(rule, graph_changes));
  add_section(page, "Where the official guide differs", rule.guide);
  add_section(page, "How to suppress it",
              fmt::format("`# dagfix: ignore[{0}]` on the line, `# dagfix: ignore-file[{0}]` "
                          "anywhere in the file, or `ignore = [\"{0}\"]` in `dagfix.toml`.",
                          rule.name));
  return page;
}

std::string rule_page_text(const RuleInfo& rule, std::string_view tables,
                           std::string_view graph_changes) {
  std::string page =
      fmt::format("{} {} ({})\n\n{}\n", rule.code, rule.name, name_of(rule.severity), rule.summary);
  const std::string migrations = migrations_of(rule);
  if (!migrations.empty()) page += fmt::format("Concerns {}.\n", migrations);
  page += fmt::format("\n{}\n", rule.why);
  add_block(page, "Example", rule.before);
  add_block(page, "Fixed", rule.after);
  page += fmt::format("\n{}\n", rule.fix);
  if (!tables.empty()) page += fmt::format("\nIn detail:\n\n{}", tables);
  add_block(page, kGraphHeading, graph_section(rule, graph_changes));
  add_block(page, "Where the official guide differs", rule.guide);
  return page;
}

std::string rule_page_json(const RuleInfo& rule) { return to_json(rule).dump(2) + '\n'; }

std::string rule_list_markdown(std::span<const RuleInfo* const> rules) {
  std::string text =
      "# Rules\n\n"
      "Pages and list are made from the rule files in `rules/dag/`; `dagfix rules NAME` shows "
      "them, "
      "too.\nA rule since 0.4.0 concerns migrations from an older version to this or a newer one; "
      "a "
      "rule without a version\nconcerns all, or has entries with versions of their own.\n\n"
      "| code | rule | severity | fix | versions | summary |\n|---|---|---|---|---|---|\n";
  for (const RuleInfo* rule : rules) {
    text += fmt::format("| {0} | [{1}]({1}.md) | {2} | {3} | {4} | {5} |\n", rule->code, rule->name,
                        name_of(rule->severity), name_of(rule->safety), versions_of(*rule),
                        rule->summary);
  }
  return text;
}

std::string rule_list_text(std::span<const RuleInfo* const> rules) {
  std::size_t width = 0;
  for (const RuleInfo* rule : rules) width = std::max(width, rule->name.size());
  std::string text;
  for (const RuleInfo* rule : rules) {
    text += fmt::format("{}  {:{}}  {:7}  {:6}  {:5}  {}\n", rule->code, rule->name, width,
                        name_of(rule->severity), name_of(rule->safety),
                        rule->since ? to_string(*rule->since) : "", rule->summary);
  }
  return text;
}

std::string rule_list_json(std::span<const RuleInfo* const> rules) {
  Json json = Json::array();
  for (const RuleInfo* rule : rules) json.push_back(to_json(*rule));
  return json.dump(2) + '\n';
}

}  // namespace dagfix

#include "report/sarif_rules.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/common.hpp"
#include "report/unicode.hpp"

namespace dagfix {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxDescription = 1024;

// "local-get-input-data" -> "LocalGetInputData".
std::string pascal_case(std::string_view name) {
  std::string result;
  bool upper = true;
  for (const char c : name) {
    const bool small = c >= 'a' && c <= 'z';
    if (c != '-') result += upper && small ? static_cast<char>(c - 'a' + 'A') : c;
    upper = c == '-';
  }
  return result;
}

std::string_view problem_severity(Severity severity) {
  return severity == Severity::info ? "recommendation" : name_of(severity);
}

std::string help_text(const RuleInfo& rule) {
  std::string text = sentence(rule.summary);
  if (!rule.why.empty()) text += "\n\n" + rule.why;
  if (!rule.fix.empty()) text += "\n\n" + rule.fix;
  return valid_utf8(text);
}

std::string help_markdown(const RuleInfo& rule) {
  std::string text = fmt::format("# {} ({})\n\n{}\n", rule.name, rule.code, sentence(rule.summary));
  const auto add = [&text](std::string_view heading, std::string_view content) {
    if (!content.empty()) text += fmt::format("\n## {}\n\n{}\n", heading, content);
  };
  add("Why", rule.why);
  add("What to do", rule.fix);
  add("Where the official guide differs", rule.guide);
  const auto add_code = [&](std::string_view heading, std::string_view code) {
    const std::string_view end = code.ends_with('\n') ? "" : "\n";
    if (!code.empty()) add(heading, fmt::format("```{}\n{}{}```", rule.language, code, end));
  };
  add_code("Example", rule.before);
  add_code("Fixed", rule.after);
  return valid_utf8(text);
}

}  // namespace

// DAGFIX_DOCS_URL is where docs/ is published; until it is, Kaapana's own guide is the next best.
std::string help_uri(const RuleInfo& rule) {
  constexpr std::string_view kDocs = DAGFIX_DOCS_URL;
  return kDocs.empty() ? std::string(sarif_information_uri())
                       : fmt::format("{}/rules/{}.md", kDocs, rule.name);
}

std::string_view sarif_information_uri() {
  constexpr std::string_view kDocs = DAGFIX_DOCS_URL;
  return kDocs.empty() ? "https://kaapana.readthedocs.io/en/latest/migration_guide_root.html"
                       : kDocs;
}

std::string_view sarif_level(Severity severity) {
  return severity == Severity::info ? "note" : name_of(severity);
}

std::string sarif_description(std::string_view text) {
  std::string valid = valid_utf8(text);
  if (take_code_points(valid, kMaxDescription).size() == valid.size()) return valid;
  return std::string(take_code_points(valid, kMaxDescription - 1)) + "…";
}

Json sarif_rule(const RuleInfo& rule) {
  const std::string full = rule.why.empty() ? sentence(rule.summary) : sentence(rule.why);
  return {{"id", rule.code},
          {"name", pascal_case(rule.name)},
          {"shortDescription", {{"text", sarif_description(sentence(rule.summary))}}},
          {"fullDescription", {{"text", sarif_description(full)}}},
          {"help", {{"text", help_text(rule)}, {"markdown", help_markdown(rule)}}},
          {"helpUri", help_uri(rule)},
          {"defaultConfiguration", {{"level", sarif_level(rule.severity)}}},
          {"properties",
           {{"tags", Json::array({"airflow", "kaapana", "migration"})},
            {"precision", "high"},
            {"problem.severity", problem_severity(rule.severity)}}}};
}

}  // namespace dagfix

#include <nlohmann/json.hpp>

#include "report/common.hpp"
#include "report/report.hpp"
#include "report/unicode.hpp"

namespace dagfix {
namespace {

using Json = nlohmann::ordered_json;

// Of docs/schema/report.schema.json; rises when a consumer would have to change.
constexpr int kFormatVersion = 1;

Json to_json(LineColumn place) { return {{"line", place.line}, {"column", place.column}}; }

Json to_json(const FileReport& file, const ReportedFinding& finding) {
  Json related = Json::array();
  for (const ReportedPlace& place : finding.related) {
    related.push_back({{"begin", to_json(place.region.begin)},
                       {"end", to_json(place.region.end)},
                       {"message", valid_utf8(place.message)}});
  }
  return {{"rule", finding.rule->code},
          {"name", finding.rule->name},
          {"severity", name_of(finding.severity)},
          {"begin", to_json(finding.region.begin)},
          {"end", to_json(finding.region.end)},
          {"message", valid_utf8(finding.message)},
          {"remedy", valid_utf8(finding.remedy)},
          {"safety", name_of(safety_of(file, finding))},
          {"fix", finding.fix ? Json(*finding.fix) : Json()},
          {"fingerprint", finding.fingerprint},
          {"related", std::move(related)}};
}

Json to_json(const ReportedFix& fix) {
  Json edits = Json::array();
  for (const Replacement& replacement : fix.replacements) {
    edits.push_back({{"begin", to_json(replacement.region.begin)},
                     {"end", to_json(replacement.region.end)},
                     {"text", valid_utf8(replacement.text)}});
  }
  return {{"safety", name_of(fix.safety)},
          {"title", valid_utf8(fix.title)},
          {"edits", std::move(edits)}};
}

Json to_json(const Report& report, const FileReport& file) {
  Json findings = Json::array();
  for (const ReportedFinding& finding : file.findings) {
    findings.push_back(to_json(file, finding));
  }
  Json fixes = Json::array();
  for (const ReportedFix& fix : file.fixes) fixes.push_back(to_json(fix));
  return {{"path", shown_path(report, file.path)},
          {"encoding", file.encoding},
          {"parses", file.parses},
          {"findings", std::move(findings)},
          {"fixes", std::move(fixes)}};
}

Json summary_json(const Report& report) {
  const Summary summary = summarize(report);
  Json json{{"findings", summary.findings}};
  const auto add = [&json](const auto& counts, auto key) {
    const auto found = counts.find(key);
    json[std::string(name_of(key))] = found == counts.end() ? 0 : found->second;
  };
  for (const auto severity : {Severity::error, Severity::warning, Severity::info}) {
    add(summary.severities, severity);
  }
  for (const auto safety : {Safety::safe, Safety::unsafe, Safety::manual}) {
    add(summary.safeties, safety);
  }
  return json;
}

}  // namespace

std::string format_json(const Report& report) {
  Json files = Json::array();
  for (const FileReport& file : report.files) files.push_back(to_json(report, file));
  Json failures = Json::array();
  for (const Failure& failure : report.failures) {
    failures.push_back(
        {{"path", shown_path(report, failure.path)}, {"message", valid_utf8(failure.message)}});
  }
  Json rules = Json::array();
  for (const RuleInfo* rule : report.rules) rules.push_back(rule->code);
  const Json json{{"format", kFormatVersion},
                  {"tool", {{"name", kToolName}, {"version", tool_version()}}},
                  {"from", to_string(report.from)},
                  {"from_evidence", valid_utf8(report.from_evidence)},
                  {"to", to_string(report.to)},
                  {"rules", std::move(rules)},
                  {"files_seen", report.files_seen},
                  {"summary", summary_json(report)},
                  {"files", std::move(files)},
                  {"failures", std::move(failures)}};
  return json.dump(2) + '\n';
}

}  // namespace dagfix

#include <nlohmann/json.hpp>

#include "report/common.hpp"
#include "report/fingerprint.hpp"
#include "report/report.hpp"
#include "report/unicode.hpp"

namespace dagfix {
namespace {

using Json = nlohmann::ordered_json;

std::string_view gitlab_severity(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "minor";
    case Severity::warning:
      return "major";
    case Severity::error:
      return "critical";
  }
  return {};
}

Json issue(std::string description, std::string_view check, std::string_view severity,
           std::string fingerprint, std::string_view path, std::uint32_t line) {
  return {{"description", std::move(description)},
          {"check_name", check},
          {"fingerprint", std::move(fingerprint)},
          {"severity", severity},
          {"location", {{"path", path}, {"lines", {{"begin", line}}}}}};
}

}  // namespace

std::string format_gitlab(const Report& report) {
  Json issues = Json::array();
  for (const FileReport& file : report.files) {
    const std::string path = shown_path(report, file.path);
    for (const ReportedFinding& finding : file.findings) {
      // The finding's own fingerprint is unique in its file only.
      issues.push_back(issue(advice(finding), finding.rule->code, gitlab_severity(finding.severity),
                             StableHash().add(path).add(finding.fingerprint).hex(), path,
                             finding.region.begin.line));
    }
  }
  // A merge request must not look clean because a file could not be read.
  for (const Failure& failure : report.failures) {
    const std::string path = shown_path(report, failure.path);
    issues.push_back(issue(sentence(failure.message), "dagfix-failure", "blocker",
                           StableHash().add(path).add(failure.message).hex(), path, 1));
  }
  return issues.dump(2) + '\n';
}

}  // namespace dagfix

#include "report/common.hpp"

#include <filesystem>

#include "report/unicode.hpp"

namespace dagfix {

std::string_view tool_version() { return DAGFIX_VERSION; }

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return {};
}

std::string_view name_of(Safety safety) {
  switch (safety) {
    case Safety::safe:
      return "safe";
    case Safety::unsafe:
      return "unsafe";
    case Safety::manual:
      return "manual";
  }
  return {};
}

Safety safety_of(const FileReport& file, const ReportedFinding& finding) {
  return finding.fix ? file.fixes[*finding.fix].safety : Safety::manual;
}

std::string sentence(std::string_view text) {
  std::string result = valid_utf8(text);
  if (result.empty() || std::string_view(".!?:").find(result.back()) == std::string_view::npos) {
    result += '.';
  }
  const std::size_t word = result.find_first_not_of("abcdefghijklmnopqrstuvwxyz");
  if (word != 0 && (result[word] == ' ' || result[word] == '\'')) {
    result[0] = static_cast<char>(result[0] - 'a' + 'A');
  }
  return result;
}

std::string advice(const ReportedFinding& finding) {
  std::string result = sentence(finding.message);
  if (!finding.remedy.empty()) result += ' ' + sentence(finding.remedy);
  return result;
}

std::string path_from(std::string_view root, std::string_view path) {
  const std::filesystem::path base(root);
  const std::filesystem::path full = (base / path).lexically_normal();
  if (root.empty()) return full.string();
  const std::filesystem::path relative = full.lexically_relative(base.lexically_normal());
  const bool below = !relative.empty() && *relative.begin() != "..";
  return below ? relative.string() : full.string();
}

std::string shown_path(const Report& report, std::string_view path) {
  return valid_utf8(path_from(report.root, path));
}

Summary summarize(const Report& report) {
  Summary summary;
  for (const FileReport& file : report.files) {
    summary.findings += file.findings.size();
    for (const ReportedFinding& finding : file.findings) {
      ++summary.severities[finding.severity];
      ++summary.safeties[safety_of(file, finding)];
    }
  }
  return summary;
}

}  // namespace dagfix

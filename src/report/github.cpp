#include <fmt/format.h>

#include <iterator>

#include "report/common.hpp"
#include "report/report.hpp"
#include "report/unicode.hpp"

namespace dagfix {
namespace {

std::string_view command(Severity severity) {
  switch (severity) {
    case Severity::info:
      return "notice";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return {};
}

std::string escape(std::string_view text, std::string_view special) {
  std::string result;
  for (const char c : text) {
    if (special.find(c) == std::string_view::npos) {
      result += c;
    } else {
      fmt::format_to(std::back_inserter(result), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return result;
}

std::string message(std::string_view text) { return escape(text, "%\r\n"); }
std::string property(std::string_view text) { return escape(text, "%\r\n:,"); }

}  // namespace

std::string format_github(const Report& report) {
  std::string out;
  for (const FileReport& file : report.files) {
    const std::string path = property(shown_path(report, file.path));
    for (const ReportedFinding& finding : file.findings) {
      const auto [begin, end] = finding.region;
      fmt::format_to(std::back_inserter(out),
                     "::{} file={},line={},endLine={},col={},endColumn={},title={}::{}\n",
                     command(finding.severity), path, begin.line, end.line, begin.column,
                     end.column,
                     property(fmt::format("{} {}", finding.rule->code, finding.rule->name)),
                     message(advice(finding)));
    }
  }
  for (const Failure& failure : report.failures) {
    fmt::format_to(std::back_inserter(out), "::error file={},title=dagfix::{}\n",
                   property(shown_path(report, failure.path)), message(sentence(failure.message)));
  }
  return out;
}

}  // namespace dagfix

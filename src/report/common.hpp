#pragma once

#include <map>
#include <string>
#include <string_view>

#include "report/report.hpp"

namespace dagfix {

inline constexpr std::string_view kToolName = "dagfix";

/// Version of this dagfix: "0.1.0".
std::string_view tool_version();

/// "error", "warning" or "info".
std::string_view name_of(Severity severity);

/// "safe", "unsafe" or "manual".
std::string_view name_of(Safety safety);

/// Who can remedy a finding: manual if it has no fix.
Safety safety_of(const FileReport& file, const ReportedFinding& finding);

/// Message and remedy as sentences, valid UTF-8: "It fails. Do this."
std::string advice(const ReportedFinding& finding);

/// `text` with a final period if it has no final punctuation, and with a capital if its first word
/// is a word and no name out of code.
std::string sentence(std::string_view text);

/// `path` of a report for programs: from the report's root, valid UTF-8.
std::string shown_path(const Report& report, std::string_view path);

/// Counts of a whole report.
struct Summary {
  std::size_t findings = 0;
  std::map<Severity, std::size_t> severities;
  std::map<Safety, std::size_t> safeties;
};

Summary summarize(const Report& report);

}  // namespace dagfix

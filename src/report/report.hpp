#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/analyze.hpp"
#include "dagfix/rule.hpp"
#include "text/source_file.hpp"

namespace dagfix {

/// A range for people and programs: lines and columns are 1-based; columns and end columns
/// count Unicode code points; `end` is exclusive.
struct Region {
  LineColumn begin;
  LineColumn end;
};

/// One replacement of a fix; an insertion has an empty region.
struct Replacement {
  Region region;
  std::string text;
};

/// A fix as reporters need it.
struct ReportedFix {
  Safety safety = Safety::safe;
  std::string title;
  std::vector<Replacement> replacements;  ///< In order, not overlapping.
};

/// A related place.
struct ReportedPlace {
  Region region;
  std::string message;
};

/// One finding, independent of the file's text.
struct ReportedFinding {
  const RuleInfo* rule = nullptr;  ///< Owned by the rule set; never null.
  Severity severity = Severity::warning;
  Region region;
  std::string message;
  std::string remedy;
  /// The first line of the region, without its end, as UTF-8. Of a line of more than some
  /// kilobytes only the part around the region, beginning at column `line_begin`.
  std::string line;
  std::uint32_t line_begin = 1;
  std::string fingerprint;  ///< 16 hex digits: rule, normalised line, ordinal; no line number.
  std::string line_hash;    ///< What GitHub calls primaryLocationLineHash; only SARIF has it.
  std::vector<ReportedPlace> related;
  std::optional<std::uint32_t> fix;  ///< Index into FileReport::fixes.
};

/// All findings of one file, sorted by position.
struct FileReport {
  std::string path;      ///< As the user wrote it, with '/'.
  std::string encoding;  ///< "utf-8", "iso-8859-1", ...
  bool parses = true;
  std::vector<ReportedFinding> findings;
  std::vector<ReportedFix> fixes;
};

/// A file that dagfix could not read, decode or write.
struct Failure {
  std::string path;
  std::string message;
};

/// The outcome of a run, ready to be written in any format. Everything is sorted by path.
struct Report {
  /// Absolute path of the folder that relative paths start from; empty if unknown. Formats for
  /// programs write absolute paths below it as relative ones.
  std::string root;
  Version from;
  Version to;
  std::string from_evidence;  ///< Why `from` was detected so; empty if it was given.
  std::size_t files_seen = 0;
  std::vector<const RuleInfo*> rules;  ///< Rules that ran, sorted by code.
  std::vector<FileReport> files;       ///< Only files with findings.
  std::vector<Failure> failures;
};

/// Whether findings get their `line_hash`, which takes a look at all of the file.
enum class LineHashes : std::uint8_t { without, with };

/// Makes the report of one file. `rule` finds the description of a finding's rule code.
FileReport report_file(const SourceFile& file, const FileAnalysis& analysis,
                       const std::map<std::string, const RuleInfo*>& rules,
                       LineHashes line_hashes = LineHashes::with);

/// `path` as other programs take it: without "." and ".." parts, relative to `root` if it is below
/// it, else absolute. With an empty `root`, relative paths stay so and may begin with "..".
std::string path_from(std::string_view root, std::string_view path);

/// How text output looks.
struct TextStyle {
  bool color = false;
  bool statistics = false;  ///< Append a table of counts by rule.
  bool quiet = false;       ///< Findings only: no summary, no headings.
};

/// For people and, concise, for grep and editors: one line a finding. These two only count the
/// failures; naming them on standard error is the caller's part.
std::string format_text(const Report& report, TextStyle style);
std::string format_concise(const Report& report, TextStyle style);
/// For programs. All end with a line end, are valid UTF-8 and name the failures.
std::string format_json(const Report& report);
std::string format_sarif(const Report& report);
std::string format_github(const Report& report);
std::string format_gitlab(const Report& report);
std::string format_junit(const Report& report);

/// One file's part of a unified diff that `git apply` and `patch -p1` take: "--- a/path",
/// "+++ b/path". Empty if the texts are equal. Bytes are passed through as they are, CRLF
/// and a missing final newline included. `path` is relative to where the diff will be applied
/// (see path_from); a leading "/" or "../" is dropped since neither program follows it.
std::string unified_diff(std::string_view path, std::string_view before, std::string_view after);

/// Such a diff for people on a terminal: with colours, control characters made visible.
std::string color_diff(std::string_view diff);

}  // namespace dagfix

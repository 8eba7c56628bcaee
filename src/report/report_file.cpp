#include <algorithm>
#include <cassert>
#include <utility>

#include "report/fingerprint.hpp"
#include "report/report.hpp"
#include "report/unicode.hpp"

namespace dagfix {
namespace {

// Longest line that is kept whole, and how much of a longer one is kept before and behind a place.
constexpr std::uint32_t kLongLine = 4096;
constexpr std::uint32_t kAround = 1024;

[[maybe_unused]] bool is_one_line(std::string_view text) {
  return text.find_first_of("\r\n") == std::string_view::npos;
}

[[maybe_unused]] bool is_message(std::string_view text) {
  return !text.empty() && is_one_line(text);
}

[[maybe_unused]] bool is_title(std::string_view text) {
  return is_message(text) && !text.ends_with('.');
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The part of a line around `place`, cut between characters.
ByteRange around(std::string_view text, ByteRange line, std::uint32_t place) {
  if (line.size() <= kLongLine) return line;
  ByteRange part{place - std::min(kAround, place - line.begin),
                 place + std::min(kAround, line.end - place)};
  while (part.begin > line.begin && is_continuation(text[part.begin])) --part.begin;
  while (part.end < line.end && is_continuation(text[part.end])) ++part.end;
  return part;
}

class FileReporter {
 public:
  explicit FileReporter(const SourceFile& file) : file_(file) {}

  ReportedFinding finding(const Finding& finding, const RuleInfo& rule) {
    assert(is_message(finding.message) && is_one_line(finding.remedy));
    ReportedFinding result;
    result.rule = &rule;
    result.severity = finding.severity;
    result.region = region(finding.range);
    result.message = finding.message;
    result.remedy = finding.remedy;
    result.fix = finding.fix;
    for (const Related& related : finding.related) {
      assert(is_message(related.message));
      result.related.push_back({region(related.range), related.message});
    }
    add_line(result, finding.range.begin);
    return result;
  }

  ReportedFix fix(const Fix& fix) const {
    assert(is_title(fix.title));
    ReportedFix result{fix.safety, fix.title, {}};
    for (const Edit& edit : fix.edits) {
      result.replacements.push_back({region(edit.range), edit.text});
    }
    return result;
  }

 private:
  Region region(ByteRange range) const {
    return {file_.line_column(range.begin), file_.line_column(range.end)};
  }

  void add_line(ReportedFinding& result, std::uint32_t place) {
    const std::uint32_t number = result.region.begin.line;
    const ByteRange line = file_.line(number);
    const ByteRange part = around(file_.text(), line, std::clamp(place, line.begin, line.end));
    result.line = file_.slice(part);
    result.line_begin = file_.line_column(part.begin).column;
    if (number != hashed_line_) {
      hash_ = StableHash().add(collapse_space(file_.slice(line)));
      hashed_line_ = number;
    }
    const std::string same = StableHash(hash_).add(result.rule->code).hex();
    result.fingerprint = StableHash().add(same).add(ordinals_[same]++).hex();
  }

  const SourceFile& file_;
  // The hash of one line is kept: a file may be one long line with many findings.
  StableHash hash_;
  std::uint32_t hashed_line_ = 0;
  std::map<std::string, std::uint64_t> ordinals_;
};

void add_line_hashes(const SourceFile& file, std::vector<ReportedFinding>& findings) {
  std::vector<std::uint32_t> lines;
  lines.reserve(findings.size());
  for (const ReportedFinding& finding : findings) lines.push_back(finding.region.begin.line);
  // The action that computes the same takes every file for UTF-8.
  const bool utf8 = file.encoding() == "utf-8";
  const std::vector<std::string> hashes =
      line_hashes(utf8 ? file.text() : lossy_utf8(file.bytes()), lines);
  for (std::size_t i = 0; i < findings.size(); ++i) findings[i].line_hash = hashes[i];
}

}  // namespace

FileReport report_file(const SourceFile& file, const FileAnalysis& analysis,
                       const std::map<std::string, const RuleInfo*>& rules,
                       LineHashes line_hashes) {
  FileReport report{file.path(), file.encoding(), analysis.parses, {}, {}};
  FileReporter reporter(file);
  for (const Finding& finding : analysis.findings) {
    const auto rule = rules.find(finding.rule);
    assert(rule != rules.end());
    report.findings.push_back(reporter.finding(finding, *rule->second));
  }
  if (line_hashes == LineHashes::with) add_line_hashes(file, report.findings);
  for (const Fix& fix : analysis.fixes) report.fixes.push_back(reporter.fix(fix));
  return report;
}

}  // namespace dagfix

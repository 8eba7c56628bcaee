#include "report/summary.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "report/common.hpp"
#include "report/paint.hpp"
#include "report/unicode.hpp"

namespace dagfix {
namespace {

std::string count(std::size_t number, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", number, number == 1 ? one : many);
}

std::string files(std::size_t number) { return count(number, "file", "files"); }

std::string by_severity(const Summary& summary, Paint paint) {
  std::vector<std::string> parts;
  const auto add = [&](Severity severity, std::string_view one, std::string_view many) {
    const auto found = summary.severities.find(severity);
    if (found == summary.severities.end()) return;
    parts.push_back(paint.by(severity, count(found->second, one, many)));
  };
  add(Severity::error, "error", "errors");
  add(Severity::warning, "warning", "warnings");
  add(Severity::info, "info", "info");
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string by_safety(const Summary& summary) {
  std::vector<std::string> parts;
  const auto add = [&](Safety safety, auto describe) {
    const auto found = summary.safeties.find(safety);
    if (found != summary.safeties.end()) parts.push_back(describe(found->second));
  };
  add(Safety::safe, [](std::size_t n) { return fmt::format("{} fixable with --apply", n); });
  add(Safety::unsafe, [&](std::size_t n) {
    return fmt::format("{}{} with --unsafe-fixes", n, parts.empty() ? " fixable" : " more");
  });
  add(Safety::manual, [](std::size_t n) { return count(n, "needs a person", "need a person"); });
  return fmt::format("{}", fmt::join(parts, ", "));
}

struct RuleCount {
  const RuleInfo* rule = nullptr;
  std::size_t findings = 0;
  std::size_t fixable = 0;
};

std::vector<RuleCount> count_rules(const Report& report) {
  std::map<std::string_view, RuleCount> counts;
  for (const FileReport& file : report.files) {
    for (const ReportedFinding& finding : file.findings) {
      RuleCount& rule = counts[finding.rule->code];
      rule.rule = finding.rule;
      ++rule.findings;
      if (safety_of(file, finding) == Safety::safe) ++rule.fixable;
    }
  }
  std::vector<RuleCount> result;
  result.reserve(counts.size());
  for (const auto& [code, rule] : counts) result.push_back(rule);
  std::ranges::sort(result, [](const RuleCount& a, const RuleCount& b) {
    return a.findings != b.findings ? a.findings > b.findings : a.rule->code < b.rule->code;
  });
  return result;
}

}  // namespace

std::string format_summary(const Report& report, bool color) {
  const Paint paint(color);
  const Summary summary = summarize(report);
  std::string out;
  if (summary.findings == 0) {
    out += fmt::format("{} in {}\n", paint.green("Nothing to do"), files(report.files_seen));
  } else {
    out += fmt::format("{} in {} of {}: {}\n",
                       paint.bold("Found " + count(summary.findings, "finding", "findings")),
                       report.files.size(), files(report.files_seen), by_severity(summary, paint));
    out += by_safety(summary) + '\n';
  }
  if (!report.failures.empty()) {
    out +=
        paint.by(Severity::error, files(report.failures.size()) + " could not be processed") + '\n';
  }
  const std::string evidence =
      report.from_evidence.empty()
          ? ""
          : paint.dim(fmt::format(" (detected: {})", printable(report.from_evidence)));
  out += fmt::format("From {}{} to {}\n", to_string(report.from), evidence, to_string(report.to));
  return out;
}

std::string format_statistics(const Report& report, bool color) {
  const std::vector<RuleCount> rules = count_rules(report);
  if (rules.empty()) return {};
  const Paint paint(color);
  std::size_t code_width = 0;
  std::size_t name_width = 0;
  for (const RuleCount& rule : rules) {
    code_width = std::max(code_width, rule.rule->code.size());
    name_width = std::max(name_width, rule.rule->name.size());
  }
  std::string out;
  for (const auto& [rule, findings, fixable] : rules) {
    fmt::format_to(std::back_inserter(out), "{:>6}  {}  {:{}}", findings,
                   paint.bold(fmt::format("{:{}}", rule->code, code_width)), rule->name,
                   name_width);
    out += fixable == 0 ? "" : "  " + paint.green(fmt::format("[{} fixable]", fixable));
    while (out.back() == ' ') out.pop_back();
    out += '\n';
  }
  return out + '\n';
}

}  // namespace dagfix

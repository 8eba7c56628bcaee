#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "report/report.hpp"
#include "support/catch.hpp"

namespace dagfix::test {

/// Rules as a rule set would own them; their addresses stay valid.
inline const std::map<std::string, const RuleInfo*>& sample_rules() {
  static const RuleInfo moved{"KAP101",
                              "old-operator",
                              Severity::error,
                              Safety::safe,
                              {},
                              {},
                              "An operator was removed",
                              "The import fails: `LocalOld` is gone.",
                              "The import and every use are renamed.",
                              "",
                              "LocalOld()",
                              "New()"};
  static const RuleInfo key{"KAP202", "form-data-key",     Severity::warning, Safety::unsafe, {},
                            {},       "A key was renamed."};
  static const RuleInfo hint{"KAP303", "memory-default",    Severity::info, Safety::manual, {},
                             {},       "A default changed."};
  static const std::map<std::string, const RuleInfo*> rules{
      {moved.code, &moved}, {key.code, &key}, {hint.code, &hint}};
  return rules;
}

inline SourceFile source(std::string path, std::string bytes) {
  auto file = SourceFile::decode(std::move(path), std::move(bytes));
  REQUIRE(file.has_value());
  return *std::move(file);
}

/// The range of the `ordinal`-th `part` in `text`.
inline ByteRange range_of(std::string_view text, std::string_view part, int ordinal = 0) {
  std::size_t at = text.find(part);
  while (ordinal-- > 0) at = text.find(part, at + 1);
  REQUIRE(at != std::string_view::npos);
  return {static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(at + part.size())};
}

inline Finding finding(std::string_view rule, ByteRange range,
                       std::string_view message = "It fails", std::string_view remedy = "Do this") {
  Finding result;
  result.rule = rule;
  result.severity = sample_rules().at(result.rule)->severity;
  result.range = range;
  result.message = message;
  result.remedy = remedy;
  return result;
}

inline Report report_of(std::vector<FileReport> files) {
  Report report;
  report.from = {0, 3, 5};
  report.to = {0, 5, 3};
  report.files_seen = files.size();
  for (const auto& [code, rule] : sample_rules()) report.rules.push_back(rule);
  report.files = std::move(files);
  return report;
}

/// A report of one file with one finding at the first `part` of `text`.
inline Report report_at(const std::string& path, const std::string& text, std::string_view part) {
  const SourceFile file = source(path, text);
  FileAnalysis analysis;
  analysis.findings.push_back(finding("KAP101", range_of(file.text(), part)));
  return report_of({report_file(file, analysis, sample_rules())});
}

/// Two findings that share a safe fix, one with an unsafe fix and one that needs a person, in a
/// DAG of six lines.
inline Report sample_report() {
  const SourceFile file = source("dags/my_dag.py",
                                 "from kaapana.operators import LocalOld\n"
                                 "\n"
                                 "task = LocalOld(dag=dag)\n"
                                 "form = conf[\"form_data\"]\n"
                                 "send = DcmSendOperator(\n"
                                 "    dag=dag)\n");
  const std::string_view text = file.text();
  FileAnalysis analysis;
  analysis.fixes.push_back(
      {Safety::safe,
       "Replace LocalOld by New",
       {{range_of(text, "LocalOld"), "New"}, {range_of(text, "LocalOld", 1), "New"}}});
  analysis.fixes.push_back(
      {Safety::unsafe, "Rename the key", {{range_of(text, "form_data"), "workflow_form"}}});
  analysis.findings = {
      finding("KAP101", range_of(text, "LocalOld"), "LocalOld was removed in 0.4.0", "Use New"),
      finding("KAP101", range_of(text, "LocalOld", 1), "LocalOld was removed in 0.4.0", "Use New"),
      finding("KAP202", range_of(text, "\"form_data\""), "The key is workflow_form since 0.5.0",
              ""),
      finding("KAP303", range_of(text, "DcmSendOperator(\n    dag=dag)"),
              "The operator reserves 4000 MB", "Set ram_mem_mb")};
  analysis.findings[0].fix = 0;
  analysis.findings[1].fix = 0;
  analysis.findings[1].related.push_back({range_of(text, "LocalOld"), "It is imported here"});
  analysis.findings[2].fix = 1;
  Report report = report_of({report_file(file, analysis, sample_rules())});
  report.files_seen = 3;
  report.from_evidence = "LocalOld is imported";
  return report;
}

}  // namespace dagfix::test

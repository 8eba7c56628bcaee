#include "cli/baseline.hpp"

#include "support/catch.hpp"

using namespace dagfix;

namespace {

const RuleInfo kFirst{.code = "T1", .name = "first"};
const RuleInfo kSecond{.code = "T2", .name = "second"};

ReportedFinding finding(const RuleInfo& rule) {
  ReportedFinding result;
  result.rule = &rule;
  return result;
}

Report report(std::vector<std::pair<std::string, std::vector<const RuleInfo*>>> files) {
  Report result;
  result.root = "/work";
  result.rules = {&kFirst, &kSecond};
  for (auto& [path, rules] : files) {
    FileReport file{std::move(path), "utf-8", true, {}, {}};
    for (const RuleInfo* rule : rules) file.findings.push_back(finding(*rule));
    result.files.push_back(std::move(file));
  }
  return result;
}

std::size_t count(const Report& report) {
  std::size_t findings = 0;
  for (const FileReport& file : report.files) findings += file.findings.size();
  return findings;
}

BaselineNotes hide(Report& report, const Baseline& baseline, std::vector<std::string> seen = {}) {
  return hide_known(report, baseline, "/work", seen);
}

}  // namespace

TEST_CASE("Baseline: paths are relative to its folder") {
  CHECK(baseline_path("/work", "/work", "dags/a.py") == "dags/a.py");
  CHECK(baseline_path("/work", "/work", "./dags/../a.py") == "a.py");
  CHECK(baseline_path("/work/ci", "/work", "a.py") == "../a.py");
  CHECK(baseline_path("/work", "/work/dags", "a.py") == "dags/a.py");
  CHECK(baseline_path("/work", "/elsewhere", "/work/a.py") == "a.py");
  CHECK(baseline_path("/work", "/work", "bad\xff.py") == "bad\\xff.py");
}

TEST_CASE("Baseline: what is written is read again") {
  const Baseline counts = count_findings(
      report({{"b.py", {&kSecond, &kFirst, &kFirst}}, {"a.py", {&kFirst}}}), "/work");
  const std::string text = format_baseline(counts);
  CHECK(text == R"({
  "dagfix_baseline": 1,
  "files": {
    "a.py": {
      "T1": 1
    },
    "b.py": {
      "T1": 2,
      "T2": 1
    }
  }
}
)");
  CHECK(parse_baseline(text) == counts);
  CHECK(parse_baseline(format_baseline({})) == Baseline{});
}

TEST_CASE("Baseline: what cannot be read") {
  for (const char* const text :
       {"", "[]", "{}", "{\"dagfix_baseline\": 1}", "{\"dagfix_baseline\": 2, \"files\": {}}",
        "{\"dagfix_baseline\": 1, \"files\": {\"a\": {\"T1\": \"x\"}}}",
        "{\"dagfix_baseline\": 1, \"files\": {\"a\": {\"T1\": -1}}}",
        "{\"dagfix_baseline\": 1, \"files\": {\"a\": 1}}"}) {
    INFO(text);
    const auto parsed = parse_baseline(text);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().find('\n') == std::string::npos);
  }
}

TEST_CASE("Baseline: hides as many as it counts, or fewer") {
  Report all = report({{"a.py", {&kFirst, &kSecond, &kFirst}}, {"b.py", {&kFirst}}});
  const BaselineNotes notes = hide(all, {{"a.py", {{"T1", 3}}}});
  CHECK(notes.hidden == 2);
  CHECK(notes.exceeded.empty());
  REQUIRE(all.files.size() == 2);
  CHECK(all.files[0].findings.size() == 1);
  CHECK(all.files[0].findings[0].rule == &kSecond);
}

TEST_CASE("Baseline: a file without findings left is not reported") {
  Report all = report({{"a.py", {&kFirst}}});
  hide(all, {{"a.py", {{"T1", 1}}}});
  CHECK(all.files.empty());
}

TEST_CASE("Baseline: one finding more shows all of the rule in the file") {
  Report all = report({{"a.py", {&kFirst, &kFirst, &kSecond}}});
  const BaselineNotes notes = hide(all, {{"a.py", {{"T1", 1}, {"T2", 1}}}});
  CHECK(notes.exceeded ==
        std::vector<std::string>{"a.py: 2 findings of T1, the baseline counts 1: all are shown"});
  CHECK(count(all) == 2);
}

TEST_CASE("Baseline: stale entries are those of files and rules that were looked at") {
  const Baseline baseline = {{"a.py", {{"T1", 2}, {"T9", 1}}}, {"b.py", {{"T1", 1}}}};
  Report all = report({{"a.py", {&kFirst}}});
  CHECK(hide(all, baseline, {"a.py"}).stale == 1);
  all = report({{"a.py", {&kFirst}}});
  CHECK(hide(all, baseline, {"a.py", "b.py"}).stale == 2);
  all = report({{"a.py", {&kFirst, &kFirst}}});
  CHECK(hide(all, baseline, {"a.py"}).stale == 0);
}

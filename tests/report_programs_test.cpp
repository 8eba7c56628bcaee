#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "report/report.hpp"
#include "report/unicode.hpp"
#include "support/sample_report.hpp"

namespace dagfix {
namespace {

using Json = nlohmann::json;
using namespace test;

constexpr auto kHostilePath = "a b/%41::,\"<&\n\xff\u00fc.py";

Report hostile_report() {
  Report report = report_at(kHostilePath, "x = old\n", "old");
  report.files[0].findings[0].message = "50% of \"<x>\" & 'y'\x01 \xff::end";
  report.failures = {{"b\xfe.py", "byte 0xff:\nnot \xff UTF-8"}};
  return report;
}

Json sarif_of(const Report& report) { return Json::parse(format_sarif(report)); }

// A report of one file with `count` findings on as many lines.
Report report_with(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += "old\n";
  const SourceFile file = source("a.py", text);
  FileAnalysis analysis;
  for (std::uint32_t i = 0; i < count; ++i) {
    analysis.findings.push_back(finding("KAP101", {i * 4, i * 4 + 3}));
  }
  return report_of({report_file(file, analysis, sample_rules())});
}

}  // namespace

TEST_CASE("JSON: findings, fixes, failures and counts") {
  Report report = sample_report();
  report.failures = {{"b.py", "cannot be read"}};
  const Json json = Json::parse(format_json(report));
  CHECK(json["format"] == 1);
  CHECK(json["tool"]["name"] == "dagfix");
  CHECK(json["from"] == "0.3.5");
  CHECK(json["from_evidence"] == "LocalOld is imported");
  CHECK(json["to"] == "0.5.3");
  CHECK(json["rules"] == Json({"KAP101", "KAP202", "KAP303"}));
  CHECK(json["files_seen"] == 3);
  CHECK(json["summary"] == Json::parse(R"({"findings": 4, "error": 2, "warning": 1, "info": 1,
                                           "safe": 2, "unsafe": 1, "manual": 1})"));
  CHECK(json["failures"] == Json::parse(R"([{"path": "b.py", "message": "cannot be read"}])"));

  const Json& file = json["files"][0];
  CHECK(file["path"] == "dags/my_dag.py");
  CHECK(file["encoding"] == "utf-8");
  CHECK(file["parses"] == true);
  Json second = file["findings"][1];
  CHECK(second["fingerprint"].get<std::string>().size() == 16);
  second.erase("fingerprint");
  CHECK(second == Json::parse(R"({
    "rule": "KAP101", "name": "old-operator", "severity": "error",
    "begin": {"line": 3, "column": 8}, "end": {"line": 3, "column": 16},
    "message": "LocalOld was removed in 0.4.0", "remedy": "Use New",
    "safety": "safe", "fix": 0,
    "related": [{"begin": {"line": 1, "column": 31}, "end": {"line": 1, "column": 39},
                 "message": "It is imported here"}]})"));
  CHECK(file["findings"][3]["fix"].is_null());
  CHECK(file["findings"][3]["safety"] == "manual");
  CHECK(file["fixes"][0] == Json::parse(R"({
    "safety": "safe", "title": "Replace LocalOld by New",
    "edits": [
      {"begin": {"line": 1, "column": 31}, "end": {"line": 1, "column": 39}, "text": "New"},
      {"begin": {"line": 3, "column": 8}, "end": {"line": 3, "column": 16}, "text": "New"}]})"));
}

TEST_CASE("JSON: paths and messages that are not UTF-8 are escaped") {
  const std::string text = format_json(hostile_report());
  CHECK(valid_utf8(text) == text);
  const Json json = Json::parse(text);
  CHECK(json["files"][0]["path"] == "a b/%41::,\"<&\n\\xff\u00fc.py");
  CHECK(json["failures"][0]["path"] == "b\\xfe.py");
  CHECK(json["failures"][0]["message"] == "byte 0xff:\nnot \\xff UTF-8");
}

TEST_CASE("JSON: columns count code points") {
  const Json json =
      Json::parse(format_json(report_at("a.py", "x = '\U0001f680e\u0301' + old", "old")));
  CHECK(json["files"][0]["findings"][0]["begin"] == Json({{"line", 1}, {"column", 13}}));
}

TEST_CASE("SARIF: the frame of a run") {
  const Json sarif = sarif_of(sample_report());
  CHECK(sarif["version"] == "2.1.0");
  REQUIRE(sarif["runs"].size() == 1);
  const Json& run = sarif["runs"][0];
  CHECK(run["columnKind"] == "unicodeCodePoints");
  CHECK(run["automationDetails"]["id"] == "dagfix/");
  CHECK(run["originalUriBaseIds"].contains("SRCROOT"));
  CHECK(run["invocations"][0]["executionSuccessful"] == true);
  CHECK(run["artifacts"] == Json::parse(R"([{
    "location": {"uri": "dags/my_dag.py", "uriBaseId": "SRCROOT"},
    "encoding": "utf-8", "sourceLanguage": "python"}])"));
  CHECK(run["tool"]["driver"]["name"] == "dagfix");
}

TEST_CASE("SARIF: encodings have IANA's names") {
  const auto encoding = [](const std::string& name) {
    const Report report = report_at("a.py", "# coding: " + name + "\nold # \xa4\xa4\n", "old");
    return sarif_of(report)["runs"][0]["artifacts"][0]["encoding"].get<std::string>();
  };
  CHECK(encoding("latin-1") == "iso-8859-1");
  CHECK(encoding("iso-8859-15") == "iso-8859-15");
  CHECK(encoding("cp1252") == "windows-1252");
  CHECK(encoding("euc-jp") == "euc-jp");
  CHECK(encoding("koi8-r") == "koi8-r");
}

TEST_CASE("SARIF: rules describe themselves to GitHub") {
  const Json rules = sarif_of(sample_report())["runs"][0]["tool"]["driver"]["rules"];
  REQUIRE(rules.size() == 3);
  Json rule = rules[0];
  CHECK(rule["helpUri"].get<std::string>().starts_with("https://"));
  rule.erase("helpUri");
  CHECK(rule == Json::parse(R"({
    "id": "KAP101", "name": "OldOperator",
    "shortDescription": {"text": "An operator was removed."},
    "fullDescription": {"text": "The import fails: `LocalOld` is gone."},
    "help": {
      "text": "An operator was removed.\n\nThe import fails: `LocalOld` is gone.\n\nThe import and every use are renamed.",
      "markdown": "# old-operator (KAP101)\n\nAn operator was removed.\n\n## Why\n\nThe import fails: `LocalOld` is gone.\n\n## What to do\n\nThe import and every use are renamed.\n\n## Example\n\n```python\nLocalOld()\n```\n\n## Fixed\n\n```python\nNew()\n```\n"},
    "defaultConfiguration": {"level": "error"},
    "properties": {"tags": ["airflow", "kaapana", "migration"], "precision": "high",
                   "problem.severity": "error"}})"));
  CHECK(rules[2]["defaultConfiguration"]["level"] == "note");
  CHECK(rules[2]["properties"]["problem.severity"] == "recommendation");
}

TEST_CASE("SARIF: only rules that fired are described") {
  const Json run = sarif_of(report_at("a.py", "old", "old"))["runs"][0];
  CHECK(run["tool"]["driver"]["rules"].size() == 1);
  CHECK(sarif_of(report_of({}))["runs"][0]["tool"]["driver"]["rules"] == Json::array());
  CHECK(sarif_of(report_of({}))["runs"][0]["results"] == Json::array());
}

TEST_CASE("SARIF: a result with its place, fix and fingerprints") {
  const Json results = sarif_of(sample_report())["runs"][0]["results"];
  REQUIRE(results.size() == 4);
  Json second = results[1];
  const Json prints = second["partialFingerprints"];
  CHECK(prints["dagfixFinding/v1"].get<std::string>().size() == 16);
  CHECK(prints["primaryLocationLineHash"].get<std::string>().ends_with(":1"));
  second.erase("partialFingerprints");
  CHECK(second == Json::parse(R"({
    "ruleId": "KAP101", "ruleIndex": 0, "level": "error",
    "message": {"text": "LocalOld was removed in 0.4.0. Use New."},
    "locations": [{"physicalLocation": {
      "artifactLocation": {"uri": "dags/my_dag.py", "uriBaseId": "SRCROOT", "index": 0},
      "region": {"startLine": 3, "startColumn": 8, "endLine": 3, "endColumn": 16}}}],
    "relatedLocations": [{"id": 0, "physicalLocation": {
      "artifactLocation": {"uri": "dags/my_dag.py", "uriBaseId": "SRCROOT", "index": 0},
      "region": {"startLine": 1, "startColumn": 31, "endLine": 1, "endColumn": 39}},
      "message": {"text": "It is imported here."}}],
    "fixes": [{
      "description": {"text": "Replace LocalOld by New."},
      "artifactChanges": [{
        "artifactLocation": {"uri": "dags/my_dag.py", "uriBaseId": "SRCROOT", "index": 0},
        "replacements": [
          {"deletedRegion": {"startLine": 1, "startColumn": 31, "endLine": 1, "endColumn": 39},
           "insertedContent": {"text": "New"}},
          {"deletedRegion": {"startLine": 3, "startColumn": 8, "endLine": 3, "endColumn": 16},
           "insertedContent": {"text": "New"}}]}],
      "properties": {"applicability": "safe"}}]})"));
  CHECK(results[0]["fixes"] == second["fixes"]);
  CHECK(results[2]["fixes"][0]["properties"]["applicability"] == "unsafe");
  CHECK(results[2]["ruleIndex"] == 1);
  CHECK_FALSE(results[3].contains("fixes"));
  CHECK(results[3]["level"] == "note");
}

TEST_CASE("SARIF: messages are sentences, names stay as they are") {
  const auto text = [](std::string_view message, std::string_view remedy) {
    Report report = report_at("a.py", "old", "old");
    report.files[0].findings[0].message = message;
    report.files[0].findings[0].remedy = remedy;
    return sarif_of(report)["runs"][0]["results"][0]["message"]["text"].get<std::string>();
  };
  CHECK(text("a run's conf has no 'x'", "use 'y'") == "A run's conf has no 'x'. Use 'y'.");
  CHECK(text("ram_mem_mb is gone", "name= keeps it!") == "ram_mem_mb is gone. name= keeps it!");
  CHECK(text("LocalOld is gone.", "") == "LocalOld is gone.");
}

TEST_CASE("SARIF: URIs are relative and percent-encoded") {
  const auto location = [](const std::string& root, const std::string& path) {
    Report report = report_at(path, "old", "old");
    report.root = root;
    return sarif_of(report)["runs"][0]["artifacts"][0]["location"];
  };
  CHECK(location("", "a b/%\u00fc:#?\xff.py") ==
        Json({{"uri", "a%20b/%25%C3%BC%3A%23%3F%FF.py"}, {"uriBaseId", "SRCROOT"}}));
  CHECK(location("/w", "/w/./x/../a.py") == Json({{"uri", "a.py"}, {"uriBaseId", "SRCROOT"}}));
  CHECK(location("/w", "/v/a b.py") == Json::parse(R"({"uri": "file:///v/a%20b.py"})"));
  CHECK(location("/w", "../v/a.py") == Json::parse(R"({"uri": "file:///v/a.py"})"));
}

TEST_CASE("SARIF: failures are notifications of an unsuccessful invocation") {
  const Json invocation = sarif_of(hostile_report())["runs"][0]["invocations"][0];
  CHECK(invocation["executionSuccessful"] == false);
  REQUIRE(invocation["toolExecutionNotifications"].size() == 1);
  const Json& notification = invocation["toolExecutionNotifications"][0];
  CHECK(notification["level"] == "error");
  CHECK(notification["message"]["text"] == "Byte 0xff:\nnot \\xff UTF-8.");
  CHECK(notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "b%FE.py");
}

TEST_CASE("SARIF: more results than GitHub takes in a run go into a second run") {
  const Json sarif = sarif_of(report_with(25'001));
  REQUIRE(sarif["runs"].size() == 2);
  CHECK(sarif["runs"][0]["results"].size() == 25'000);
  CHECK(sarif["runs"][1]["results"].size() == 1);
  CHECK(sarif["runs"][1]["automationDetails"]["id"] == "dagfix/part-2/");
  CHECK(sarif["runs"][1]["tool"]["driver"]["rules"].size() == 1);
  CHECK(sarif["runs"][1]["artifacts"].size() == 1);
}

TEST_CASE("SARIF: descriptions are cut at 1024 characters") {
  RuleInfo rule = *sample_rules().at("KAP101");
  Report report = report_at("a.py", "old", "old");
  report.files[0].findings[0].rule = &rule;
  const auto description = [&](std::size_t characters) {
    rule.why.clear();
    while (characters-- > 0) rule.why += "\u00fc";
    rule.why.replace(rule.why.size() - 2, 2, ".");
    const Json described = sarif_of(report)["runs"][0]["tool"]["driver"]["rules"][0];
    CHECK(described["help"]["text"].get<std::string>().find(rule.why) != std::string::npos);
    return described["fullDescription"]["text"].get<std::string>();
  };
  CHECK(description(1024) == rule.why);
  const std::string cut = description(1025);
  CHECK(take_code_points(cut, 1024) == cut);
  CHECK(std::string(take_code_points(cut, 1023)) + "\u2026" == cut);
}

TEST_CASE("SARIF: related places are at most a hundred") {
  Report report = report_at("a.py", "old", "old");
  auto& found = report.files[0].findings[0];
  found.related.assign(2000, {found.region, "here"});
  CHECK(sarif_of(report)["runs"][0]["results"][0]["relatedLocations"].size() == 100);
}

TEST_CASE("GitLab: the properties of its report") {
  const Json issues = Json::parse(format_gitlab(sample_report()));
  REQUIRE(issues.size() == 4);
  Json first = issues[0];
  CHECK(first["fingerprint"].get<std::string>().size() == 16);
  first.erase("fingerprint");
  CHECK(first == Json::parse(R"({
    "description": "LocalOld was removed in 0.4.0. Use New.", "check_name": "KAP101",
    "severity": "critical",
    "location": {"path": "dags/my_dag.py", "lines": {"begin": 1}}})"));
  CHECK(issues[2]["severity"] == "major");
  CHECK(issues[3]["severity"] == "minor");
  CHECK(Json::parse(format_gitlab(report_of({}))) == Json::array());
}

TEST_CASE("GitLab: paths are relative without a leading dot") {
  CHECK(Json::parse(format_gitlab(report_at("./a.py", "old", "old")))[0]["location"]["path"] ==
        "a.py");
}

TEST_CASE("GitLab: fingerprints differ between places and files") {
  const SourceFile a = source("a.py", "old(old)\nold(old)\n");
  const SourceFile b = source("b.py", std::string(a.bytes()));
  FileAnalysis analysis;
  for (int i = 0; i < 4; ++i) {
    analysis.findings.push_back(finding("KAP101", range_of(a.text(), "old", i)));
  }
  const Report report = report_of(
      {report_file(a, analysis, sample_rules()), report_file(b, analysis, sample_rules())});
  std::set<std::string> fingerprints;
  for (const Json& issue : Json::parse(format_gitlab(report))) {
    fingerprints.insert(issue["fingerprint"].get<std::string>());
  }
  CHECK(fingerprints.size() == 8);
}

TEST_CASE("GitLab: failures are blockers") {
  const Json issues = Json::parse(format_gitlab(hostile_report()));
  REQUIRE(issues.size() == 2);
  CHECK(issues[1]["severity"] == "blocker");
  CHECK(issues[1]["check_name"] == "dagfix-failure");
  CHECK(issues[1]["location"] == Json::parse(R"({"path": "b\\xfe.py", "lines": {"begin": 1}})"));
}

TEST_CASE("GitHub: annotations") {
  CHECK(format_github(sample_report()) ==
        "::error file=dags/my_dag.py,line=1,endLine=1,col=31,endColumn=39,title=KAP101 "
        "old-operator::LocalOld was removed in 0.4.0. Use New.\n"
        "::error file=dags/my_dag.py,line=3,endLine=3,col=8,endColumn=16,title=KAP101 "
        "old-operator::LocalOld was removed in 0.4.0. Use New.\n"
        "::warning file=dags/my_dag.py,line=4,endLine=4,col=13,endColumn=24,title=KAP202 "
        "form-data-key::The key is workflow_form since 0.5.0.\n"
        "::notice file=dags/my_dag.py,line=5,endLine=6,col=8,endColumn=13,title=KAP303 "
        "memory-default::The operator reserves 4000 MB. Set ram_mem_mb.\n");
}

TEST_CASE("GitHub: special characters are escaped") {
  CHECK(format_github(hostile_report()) ==
        "::error file=a b/%2541%3A%3A%2C\"<&%0A\\xff\u00fc.py,line=1,endLine=1,col=5,endColumn=8,"
        "title=KAP101 old-operator::50%25 of \"<x>\" & 'y'\x01 \\xff::end. Do this.\n"
        "::error file=b\\xfe.py,title=dagfix::Byte 0xff:%0Anot \\xff UTF-8.\n");
}

TEST_CASE("JUnit: a suite for each file") {
  CHECK(format_junit(report_at("a.py", "old", "old")) ==
        R"xml(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="dagfix" tests="1" failures="1" errors="0">
  <testsuite name="a.py" tests="1" failures="1" errors="0">
    <testcase name="KAP101 old-operator (1:1)" classname="a.py" file="a.py" line="1">
      <failure message="It fails." type="error">a.py:1:1: It fails. Do this.</failure>
    </testcase>
  </testsuite>
</testsuites>
)xml");
}

TEST_CASE("JUnit: a clean run has a test that passed") {
  CHECK(format_junit(report_of({})) ==
        R"(<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="dagfix" tests="1" failures="0" errors="0">
  <testsuite name="dagfix" tests="1" failures="0" errors="0">
    <testcase name="no findings" classname="dagfix"/>
  </testsuite>
</testsuites>
)");
}

TEST_CASE("JUnit: markup is escaped and forbidden characters are left out") {
  CHECK(format_junit(hostile_report()) ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"dagfix\" tests=\"2\" failures=\"1\" errors=\"1\">\n"
        "  <testsuite name=\"a b/%41::,&quot;&lt;&amp;&#10;\\xff\u00fc.py\" tests=\"1\" "
        "failures=\"1\" errors=\"0\">\n"
        "    <testcase name=\"KAP101 old-operator (1:5)\" "
        "classname=\"a b/%41::,&quot;&lt;&amp;&#10;\\xff\u00fc.py\" "
        "file=\"a b/%41::,&quot;&lt;&amp;&#10;\\xff\u00fc.py\" line=\"1\">\n"
        "      <failure message=\"50% of &quot;&lt;x&gt;&quot; &amp; 'y' \\xff::end.\" "
        "type=\"error\">a b/%41::,&quot;&lt;&amp;&#10;\\xff\u00fc.py:1:5: "
        "50% of &quot;&lt;x&gt;&quot; &amp; 'y' \\xff::end. Do this.</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "  <testsuite name=\"b\\xfe.py\" tests=\"1\" failures=\"0\" errors=\"1\">\n"
        "    <testcase name=\"dagfix\" classname=\"b\\xfe.py\">\n"
        "      <error message=\"Byte 0xff:&#10;not \\xff UTF-8.\" type=\"failure\"/>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n");
}

}  // namespace dagfix

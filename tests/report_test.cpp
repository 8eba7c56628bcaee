#include "report/report.hpp"

#include <set>
#include <string>

#include "report/fingerprint.hpp"
#include "report/snippet.hpp"
#include "report/unicode.hpp"
#include "support/sample_report.hpp"

namespace dagfix {
namespace {

using namespace test;

std::string text_at(const std::string& text, std::string_view part) {
  return format_text(report_at("a.py", text, part), {.quiet = true});
}

// The lines with the source and the marks of a snippet, one below the other.
std::string drawn(std::string_view line, std::size_t begin, std::size_t end,
                  std::size_t max_width = 20) {
  const Snippet snippet = make_snippet(line, begin, end, max_width);
  return snippet.text + "\n" + std::string(snippet.begin, ' ') + std::string(snippet.width, '^');
}

std::vector<std::string> fingerprints(const std::string& text, std::string_view part, int count) {
  const SourceFile file = source("a.py", text);
  FileAnalysis analysis;
  for (int i = 0; i < count; ++i) {
    analysis.findings.push_back(finding("KAP101", range_of(file.text(), part, i)));
  }
  std::vector<std::string> result;
  for (const auto& reported : report_file(file, analysis, sample_rules()).findings) {
    result.push_back(reported.fingerprint);
  }
  return result;
}

}  // namespace

TEST_CASE("Report: text shows place, source, reason, remedy and fix") {
  CHECK(format_text(sample_report(), {}) ==
        R"(dags/my_dag.py:1:31 KAP101[old-operator] error
  LocalOld was removed in 0.4.0
   |
 1 | from kaapana.operators import LocalOld
   |                               ^^^^^^^^
   |
   = help: Use New
   = fix: Replace LocalOld by New [fixable with --apply]

dags/my_dag.py:3:8 KAP101[old-operator] error
  LocalOld was removed in 0.4.0
   |
 3 | task = LocalOld(dag=dag)
   |        ^^^^^^^^
   |
   = note: line 1: It is imported here
   = help: Use New
   = fix: Replace LocalOld by New [fixable with --apply]

dags/my_dag.py:4:13 KAP202[form-data-key] warning
  The key is workflow_form since 0.5.0
   |
 4 | form = conf["form_data"]
   |             ^^^^^^^^^^^
   |
   = fix: Rename the key [unsafe fix: --unsafe-fixes]

dags/my_dag.py:5:8 KAP303[memory-default] info
  The operator reserves 4000 MB
   |
 5 | send = DcmSendOperator(
   |        ^^^^^^^^^^^^^^^^ to line 6
   |
   = help: Set ram_mem_mb [needs a person]

Found 4 findings in 1 of 3 files: 2 errors, 1 warning, 1 info
2 fixable with --apply, 1 more with --unsafe-fixes, 1 needs a person
From 0.3.5 (detected: LocalOld is imported) to 0.5.3
)");
}

TEST_CASE("Report: long messages are wrapped, and a fix that the remedy names is not repeated") {
  const SourceFile file = source("a.py", "old\n");
  FileAnalysis analysis;
  analysis.fixes.push_back({Safety::safe, "replace old by new", {{{0, 3}, "new"}}});
  analysis.findings.push_back(
      finding("KAP101", {0, 3},
              "old reads the data of all projects, which the platform does not allow any more "
              "since it keeps projects apart",
              "replace old by new; the files go into the project's bucket, below a folder with the "
              "name of the old bucket"));
  analysis.findings[0].fix = 0;
  Report report = report_of({report_file(file, analysis, sample_rules())});
  CHECK(format_text(report, {.quiet = true}) ==
        R"(a.py:1:1 KAP101[old-operator] error
  old reads the data of all projects, which the platform does not allow any more since it keeps
  projects apart
   |
 1 | old
   | ^^^
   |
   = help: replace old by new; the files go into the project's bucket, below a folder with the name
           of the old bucket [fixable with --apply]

)");
  report.files[0].findings[0].remedy =
      "replace old by new; the files go into the project's bucket, below a folder";
  CHECK(format_text(report, {.quiet = true})
            .ends_with("   = help: replace old by new; the files go into the project's bucket, "
                       "below a folder\n           [fixable with --apply]\n\n"));
}

TEST_CASE("Report: text has colours only when asked for") {
  const Report report = sample_report();
  CHECK(format_text(report, {}).find('\x1b') == std::string::npos);
  CHECK(format_concise(report, {}).find('\x1b') == std::string::npos);
  const std::string colored = format_text(report, {.color = true});
  CHECK(colored.find("\x1b[1;31merror\x1b[0m") != std::string::npos);

  std::string plain;
  for (std::size_t i = 0; i < colored.size(); ++i) {
    if (colored[i] == '\x1b') {
      i = colored.find('m', i);
    } else {
      plain += colored[i];
    }
  }
  CHECK(plain == format_text(report, {}));
}

TEST_CASE("Report: a clean run says so and names the versions") {
  Report report = report_of({});
  report.files_seen = 40;
  CHECK(format_text(report, {}) == "Nothing to do in 40 files\nFrom 0.3.5 to 0.5.3\n");
  CHECK(format_text(report, {.statistics = true, .quiet = true}).empty());
}

TEST_CASE("Report: text counts failures") {
  Report report = report_of({});
  report.failures = {{"a.py", "cannot be read"}, {"b.py", "cannot be read"}};
  CHECK(format_text(report, {}).find("2 files could not be processed\n") != std::string::npos);
}

TEST_CASE("Report: statistics count by rule, the most frequent first") {
  CHECK(format_text(sample_report(), {.statistics = true, .quiet = true})
            .ends_with("\n\n"
                       "     2  KAP101  old-operator    [2 fixable]\n"
                       "     1  KAP202  form-data-key\n"
                       "     1  KAP303  memory-default\n\n"));
}

TEST_CASE("Report: concise is one line a finding") {
  CHECK(format_concise(sample_report(), {}) ==
        "dags/my_dag.py:1:31: KAP101 LocalOld was removed in 0.4.0\n"
        "dags/my_dag.py:3:8: KAP101 LocalOld was removed in 0.4.0\n"
        "dags/my_dag.py:4:13: KAP202 The key is workflow_form since 0.5.0\n"
        "dags/my_dag.py:5:8: KAP303 The operator reserves 4000 MB\n");
  CHECK(format_concise(report_at("new\nline:\xff.py", "x", "x"), {}) ==
        "new\\nline:\\xff.py:1:1: KAP101 It fails\n");
}

TEST_CASE("Report: a place without characters gets one mark") {
  CHECK(text_at("", "").find(" 1 |\n   | ^\n") != std::string::npos);
  CHECK(text_at("a = 1", "").find(" 1 | a = 1\n   | ^\n") != std::string::npos);

  const SourceFile file = source("a.py", "a = 1\n\n  b");
  FileAnalysis analysis;
  analysis.findings = {finding("KAP101", {5, 5}), finding("KAP101", {6, 6}),
                       finding("KAP101", {10, 10})};
  const std::string text =
      format_text(report_of({report_file(file, analysis, sample_rules())}), {});
  CHECK(text.find("a.py:1:6 KAP101") != std::string::npos);
  CHECK(text.find(" 1 | a = 1\n   |      ^\n") != std::string::npos);
  CHECK(text.find(" 2 |\n   | ^\n") != std::string::npos);
  CHECK(text.find("a.py:3:4 KAP101") != std::string::npos);
  CHECK(text.find(" 3 |   b\n   |    ^\n") != std::string::npos);
}

TEST_CASE("Report: a region that takes its line's end ends on that line") {
  CHECK(text_at("old()\nb\n", "old()\n").find(" 1 | old()\n   | ^^^^^\n") != std::string::npos);
}

TEST_CASE("Report: a byte order mark and CRLF are not part of the line") {
  const Report report = report_at("a.py", "\xef\xbb\xbfold()\r\nb\r\n", "old");
  CHECK(report.files[0].findings[0].line == "old()");
  CHECK(report.files[0].findings[0].region.begin == LineColumn{1, 1});
}

TEST_CASE("Report: marks stand below tabs, wide and combining characters") {
  CHECK(drawn("\tx = y", 5, 6) == "    x = y\n        ^");
  CHECK(drawn("ab\tx", 3, 4) == "ab  x\n    ^");
  CHECK(drawn("漢字 = x", 5, 6) == "漢字 = x\n       ^");
  CHECK(drawn("'漢字'", 1, 3) == "'漢字'\n ^^^^");
  CHECK(drawn("'🚀' x", 4, 5) == "'🚀' x\n     ^");
  CHECK(drawn("e\u0301 x", 3, 4) == "e\u0301 x\n  ^");
}

TEST_CASE("Report: a long line is cut around the place") {
  CHECK(drawn("abcdefghijklmnopqrst", 19, 20) == "abcdefghijklmnopqrst\n                   ^");
  CHECK(drawn("abcdefghijklmnopqrstuvwxyz", 2, 4) == "abcdefghijklmnopqrs…\n  ^^");
  CHECK(drawn("abcdefghijklmnopqrstuvwxyz", 25, 26) == "…ijklmnopqrstuvwxyz\n                  ^");
  CHECK(drawn("0123456789abcdefghijklmnopqrstuvwxyz0123456789", 20, 22) ==
        "…efghijklmnopqrstuv…\n       ^^");
  CHECK(drawn("0123456789abcdefghijklmnopqrstuvwxyz0123456789", 10, 46) ==
        "…456789abcdefghijkl…\n       ^^^^^^^^^^^^");
  for (std::size_t place = 0; place <= 60; ++place) {
    const Snippet snippet = make_snippet(std::string(60, 'x'), place, place + 1, 20);
    CHECK(cell_width(snippet.text) <= 20);
    CHECK(snippet.begin + snippet.width <= 21);
  }
}

TEST_CASE("Report: of a huge line only the part around the place is kept") {
  const std::string text = "x = '" + std::string(3'000'000, 'a') + "' + ü + old + '" +
                           std::string(3'000'000, 'b') + "'\n";
  const Report report = report_at("a.py", text, "old");
  CHECK(report.files[0].findings[0].line.size() < 5000);
  CHECK(format_text(report, {.quiet = true}).find("aaaa' + ü + old + 'bbb") != std::string::npos);
  const std::string shown = format_text(report, {.quiet = true});
  const std::size_t source_line = shown.find(" 1 | …");
  REQUIRE(source_line != std::string::npos);
  const std::size_t old = cell_width(
      std::string_view(shown).substr(source_line, shown.find("old", source_line) - source_line));
  const std::size_t marks = shown.find("   | ", source_line);
  CHECK(shown.find('^') - marks == old);
}

TEST_CASE("Report: nothing that a terminal obeys reaches it") {
  const Report report = report_at("a\x1b[2J.py", "x = '\x1b[31m\x07\u202e' + old\f\n", "old");
  const std::string text = format_text(report, {});
  CHECK(text.starts_with("a\\x1b[2J.py:1:"));
  CHECK(text.find("x = '␛[31m␇\ufffd' + old␌\n") != std::string::npos);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(printable("a\xff\x85\u0085") == "a\\xff\\x85\\u0085");
}

TEST_CASE("Report: a fingerprint survives moved and indented lines") {
  const auto original = fingerprints("a\nold(1)\nb\n", "old", 1);
  CHECK(original[0].size() == 16);
  CHECK(fingerprints("a\n\n\nif x:\n\told(1)  \nc\n", "old", 1) == original);
  CHECK(fingerprints("old(1)", "old", 1) == original);
  CHECK(fingerprints("old(2)", "old", 1) != original);
}

TEST_CASE("Report: equal lines and places of one line have different fingerprints") {
  const auto prints = fingerprints("old(old)\nold(old)\n", "old", 4);
  CHECK(std::set(prints.begin(), prints.end()).size() == 4);
  CHECK(fingerprints("x\nold(old)\n", "old", 2) == std::vector(prints.begin(), prints.begin() + 2));
}

TEST_CASE("Report: a fingerprint is the same for ever") {
  CHECK(fingerprints("old(1)", "old", 1) == std::vector<std::string>{"2e07874b36ca55a3"});
  CHECK(StableHash().add("ab").add("c").hex() != StableHash().add("a").add("bc").hex());
}

TEST_CASE("Report: line hashes are those of GitHub's upload action") {
  using Lines = std::vector<std::uint32_t>;
  using Hashes = std::vector<std::string>;
  CHECK(line_hashes("", Lines{1}) == Hashes{"c129715d7a2bc9a3:1"});
  const Hashes expected = {"2deae46c5a7b5216:1", "ac9d36b0fa9d674b:1", "fa98c18e399f5b6d:1",
                           "8483da6cfc9ff783:1", "f1b89f20de0d133:1",  "c129715d7a2bc9a3:1"};
  const Lines all = {1, 2, 3, 4, 5, 6};
  CHECK(line_hashes("import os\n\nx  =  '\u00e4\U0001f680'\n\tprint(x)\nprint(x)\n", all) ==
        expected);
  CHECK(line_hashes("import os\r\n\r\nx = '\u00e4\U0001f680'\r\n print(x)\rprint(x)\n", all) ==
        expected);
  CHECK(line_hashes("import os\r\n\r\nx = '\u00e4\U0001f680'\r\n print(x)\rprint(x)\n",
                    Lines{3, 3, 5}) == Hashes{expected[2], expected[2], expected[4]});
  const Hashes repeated = line_hashes(std::string(1000, '\n'), Lines{1, 2});
  CHECK(repeated[0].ends_with(":1"));
  CHECK(repeated[1] == repeated[0].substr(0, repeated[0].size() - 1) + "2");
  CHECK(line_hashes("x", Lines{}).empty());
}

TEST_CASE("Report: the line hash of a file that is not UTF-8 is that of its bytes") {
  const Report report = report_at("a.py", "# coding: latin-1\nx = '\xe4' + old\n", "old");
  CHECK(report.files[0].encoding == "iso-8859-1");
  CHECK(report.files[0].findings[0].line == "x = '\u00e4' + old");
  CHECK(report.files[0].findings[0].line_hash ==
        line_hashes("# coding: latin-1\nx = '\ufffd' + old\n", std::vector<std::uint32_t>{2})[0]);
}

TEST_CASE("Report: paths for programs are relative to the root") {
  CHECK(path_from("/w", "a/./b/../c.py") == "a/c.py");
  CHECK(path_from("/w", "./a.py") == "a.py");
  CHECK(path_from("/w", "/w/a.py") == "a.py");
  CHECK(path_from("/w/", "/w/a.py") == "a.py");
  CHECK(path_from("/w", "/wider/a.py") == "/wider/a.py");
  CHECK(path_from("/w/x", "../a.py") == "/w/a.py");
  CHECK(path_from("", "../a.py") == "../a.py");
  CHECK(path_from("", "/w/./a.py") == "/w/a.py");
  CHECK(path_from("/w", "..a.py") == "..a.py");
}

}  // namespace dagfix

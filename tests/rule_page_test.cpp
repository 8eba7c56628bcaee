#include "report/rule_page.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "rules/rule_set.hpp"
#include "rules/tables.hpp"
#include "support/catch.hpp"

namespace {

namespace fs = std::filesystem;
using namespace dagfix;

const fs::path kPages = fs::path(DAGFIX_SOURCE_DIR) / "docs" / "rules";

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

std::string index_page(const RuleBook& book) {
  std::vector<const RuleInfo*> rules;
  for (const Rule& rule : book.rules()) rules.push_back(&rule.info);
  return rule_list_markdown(rules);
}

std::map<std::string, std::string> all_pages(const RuleBook& book) {
  std::map<std::string, std::string> pages{{"README.md", index_page(book)}};
  for (const Rule& rule : book.rules()) {
    pages[rule.info.name + ".md"] =
        rule_page_markdown(rule.info, tables_of(rule), graph_changes_of(rule));
  }
  return pages;
}

RuleInfo sample() {
  return {"SITE1",
          "old-thing",
          Severity::warning,
          Safety::unsafe,
          Version{0, 4, 0},
          Version{0, 5, 0},
          "A thing is old.",
          "It fails.\n\nLoudly.",
          "It is replaced.",
          "The guide is silent.",
          "a = old()\n\nb = a",
          "a = new()"};
}

}  // namespace

TEST_CASE("Rule pages: what is committed is what the rule files give") {
  const auto book = RuleBook::load();
  REQUIRE(book);
  const auto pages = all_pages(*book);
  if (std::getenv("DAGFIX_UPDATE_FIXTURES")) {
    fs::remove_all(kPages);
    fs::create_directories(kPages);
    for (const auto& [name, text] : pages) std::ofstream(kPages / name, std::ios::binary) << text;
  }
  for (const auto& [name, text] : pages) {
    INFO("docs/rules/" << name);
    CHECK(read(kPages / name) == text);
  }
  for (const auto& entry : fs::directory_iterator(kPages)) {
    INFO(entry.path().filename());
    CHECK(pages.contains(entry.path().filename()));
  }
}

TEST_CASE("Rule pages: markdown has a section for what is there") {
  const std::string page = rule_page_markdown(sample(), "| a |\n|---|\n", "- `b`\n");
  CHECK(page.starts_with("# old-thing (SITE1)\n\nA thing is old.\n\n- Severity: warning\n"));
  CHECK(page.find(
            "- Concerns: migrations from before 0.4.0 to 0.4.0 or newer, targets before 0.5.0\n") !=
        std::string::npos);
  CHECK(
      page.find("\n## Why\n\nIt fails.\n\nLoudly.\n\n## Example\n\n```python\na = old()\n\nb = a\n"
                "```\n\nbecomes\n\n```python\na = new()\n```\n") != std::string::npos);
  CHECK(page.find("\n## In detail\n\n| a |\n|---|\n\n"
                  "## What it may change in the graph of a DAG\n\n- `b`\n\n"
                  "A fix that changes anything else in the graph of a DAG is not made.\n\n"
                  "## Where the official guide differs\n") != std::string::npos);
  CHECK(page.find("`# dagfix: ignore[old-thing]`") != std::string::npos);

  RuleInfo bare = sample();
  bare.guide = bare.after = "";
  bare.since = bare.until = std::nullopt;
  bare.safety = Safety::manual;
  const std::string short_page = rule_page_markdown(bare, "", "");
  CHECK(short_page.find("- Fixed by: a person\n\n## Why") != std::string::npos);
  CHECK(short_page.find("becomes") == std::string::npos);
  CHECK(short_page.find("In detail") == std::string::npos);
  CHECK(short_page.find("graph") == std::string::npos);
  CHECK(short_page.find("guide") == std::string::npos);
}

TEST_CASE("Rule pages: text for a terminal") {
  CHECK(rule_page_text(sample(), "| a |\n", "") ==
        "SITE1 old-thing (warning)\n\nA thing is old.\n"
        "Concerns migrations from before 0.4.0 to 0.4.0 or newer, targets before 0.5.0.\n\n"
        "It fails.\n\nLoudly.\n\nExample:\n\n    a = old()\n\n    b = a\n\nFixed:\n\n"
        "    a = new()\n\nIt is replaced.\n\nIn detail:\n\n| a |\n\n"
        "What it may change in the graph of a DAG:\n\n"
        "    Nothing. A fix after which the graph of a DAG is another one is not made.\n\n"
        "Where the official guide differs:\n\n"
        "    The guide is silent.\n");
}

TEST_CASE("Rule pages: JSON holds every field") {
  const auto json = nlohmann::json::parse(rule_page_json(sample()));
  CHECK(json["code"] == "SITE1");
  CHECK(json["fix_safety"] == "unsafe");
  CHECK(json["since"] == "0.4.0");
  CHECK(json["until"] == "0.5.0");
  CHECK(json["after"] == "a = new()");
  CHECK(json.size() == 12);
  RuleInfo always = sample();
  always.since = std::nullopt;
  CHECK(nlohmann::json::parse(rule_page_json(always))["since"].is_null());
}

TEST_CASE("Rule pages: lists") {
  const RuleInfo one = sample();
  RuleInfo two = sample();
  two.name = "older";
  two.since = std::nullopt;
  const RuleInfo* const rules[] = {&one, &two};
  CHECK(rule_list_text(rules) ==
        "SITE1  old-thing  warning  unsafe  0.4.0  A thing is old.\n"
        "SITE1  older      warning  unsafe         A thing is old.\n");
  const std::string page = rule_list_markdown(rules);
  CHECK(page.starts_with("# Rules\n"));
  CHECK(page.substr(page.find("| SITE1")) ==
        "| SITE1 | [old-thing](old-thing.md) | warning | unsafe | since 0.4.0, before 0.5.0 | "
        "A thing is old. |\n"
        "| SITE1 | [older](older.md) | warning | unsafe | before 0.5.0 | A thing is old. |\n");
  CHECK(nlohmann::json::parse(rule_list_json(rules)).size() == 2);
}

TEST_CASE("Rule pages: tables tell what the data says") {
  const auto book = RuleBook::load();
  REQUIRE(book);
  const auto tables = [&](std::string_view name) { return tables_of(*book->find(name)); };
  CHECK(tables("local-get-input-data").find("| `data_form` | goes if it is `None`: ") !=
        std::string::npos);
  CHECK(tables("local-delete-from-meta")
            .find("| `name=\"delete-meta\"` | is written out unless "
                  "`task_id` is given") != std::string::npos);
  CHECK(tables("renamed-dag-id")
            .find("| `delete-series-from-platform` | 0.4.1 | `delete-series` |") !=
        std::string::npos);
  CHECK(tables("renamed-dag-id").find("| `rateme` | 0.6.0 | gone |") != std::string::npos);
  CHECK(tables("operator-name-taken").find("| `CombineMasksOperator` | 0.2.0 | 0.3.0 |") !=
        std::string::npos);
  CHECK(tables("thumbnail-argument").find("becomes `get_ref_series_operator`") !=
        std::string::npos);
  CHECK(tables("helper-minio").find("| `.put_file` | becomes `fput_object`; unsafe: ") !=
        std::string::npos);
  CHECK(tables("helper-minio").find("| `HelperMinio.list_objects` | a person: ") !=
        std::string::npos);
  CHECK(tables("form-data-key").empty());
  CHECK(tables("local-minio").empty());
}

TEST_CASE("Rule pages: what a fix may change in a graph") {
  const auto book = RuleBook::load();
  REQUIRE(book);
  const auto changes = [&](std::string_view name) { return graph_changes_of(*book->find(name)); };
  CHECK(changes("local-minio")
            .starts_with("- the class of a task: `LocalMinioOperator` becomes `MinioOperator`\n"
                         "- arguments of `LocalMinioOperator`: `action_files`, "));
  CHECK(changes("form-data-key") == "- `form_data` in a value: becomes `workflow_form`\n");
  CHECK(changes("renamed-dag-id") ==
        "- what *In detail* names\n"
        "- the id of a task that is `trigger_` and such a name\n");
  CHECK(changes("removed-import") == "- the class of a task: becomes what Kaapana renamed it to\n");
  CHECK(changes("python-3-12").empty());
}

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dagfix/analyze.hpp"
#include "project/project.hpp"
#include "rules/context.hpp"
#include "rules/file_context.hpp"
#include "rules/load.hpp"
#include "rules/rule_set.hpp"
#include "support/catch.hpp"
#include "text/source_file.hpp"

namespace {

using namespace dagfix;

const RuleBook& book() {
  static const RuleBook loaded = [] {
    auto result = RuleBook::load();
    INFO((result ? "" : result.error()));
    REQUIRE(result);
    return *std::move(result);
  }();
  return loaded;
}

/// The first version that a rule concerns: its own, or that of its first entry.
std::optional<Version> first_version(const Rule& rule) {
  std::set<Version> versions;
  if (rule.info.since) versions.insert(*rule.info.since);
  for (const auto& entry : rule.arguments) versions.insert(entry.since.value_or(Version{}));
  for (const auto& entry : rule.values) versions.insert(entry.since.value_or(Version{}));
  for (const auto& entry : rule.labels) versions.insert(entry.since.value_or(Version{}));
  for (const auto& entry : rule.names) versions.insert(entry.since.value_or(Version{}));
  for (const auto& entry : rule.symbols) versions.insert(entry.since.value_or(Version{}));
  for (const auto& entry : rule.texts) versions.insert(entry.since.value_or(Version{}));
  versions.erase(Version{});
  return versions.empty() ? std::nullopt : std::optional(*versions.begin());
}

bool is_announced(Version version) { return book().versions().back() < version; }

Version before(Version version) {
  if (is_announced(version)) return book().versions().back();
  const auto found = std::ranges::find(book().versions(), version);
  REQUIRE(found != book().versions().end());
  REQUIRE(found != book().versions().begin());
  return *std::prev(found);
}

/// All rules, from just below the rule's first version to 0.5.3 or just below its last.
RuleSet rules_around(const Rule& rule) {
  const auto first = first_version(rule);
  const Version from = first ? before(*first) : Version{0, 3, 5};
  Version to = rule.info.until ? before(*rule.info.until) : Version{0, 5, 3};
  Selection selection;
  selection.outlook = first && is_announced(*first);
  // What another change overtakes is looked at where it holds.
  if (first && !rule.info.until) to = std::max(to, selection.outlook ? from : *first);
  return *RuleSet::select(book(), from, to, selection);
}

std::string edited(const std::string& text, const std::string& old, const std::string& now) {
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return std::string(text).replace(at, old.size(), now);
}

const std::string kRule = R"({
  "code": "SITE1", "name": "site-rule", "kind": "operator", "since": "0.4.0",
  "severity": "warning", "safety": "safe",
  "summary": "A summary.", "why": ["First line", "second line."], "fix": "A fix.",
  "triggers": ["OldOperator"],
  "data": {
    "old": "site.operators.OldOperator", "new": "site.operators.NewOperator",
    "positional": ["dag"],
    "arguments": [
      {"name": "speed", "action": "drop", "when": ["None"], "reason": "gone", "otherwise": "look"}
    ]
  }
})";

}  // namespace

TEST_CASE("Rules: codes and names are unique, codes are sorted") {
  std::set<std::string> codes;
  std::set<std::string> names;
  for (const Rule& rule : book().rules()) {
    INFO(rule.info.code << " " << rule.info.name);
    CHECK((codes.empty() || *codes.rbegin() < rule.info.code));
    CHECK(codes.insert(rule.info.code).second);
    CHECK(names.insert(rule.info.name).second);
    CHECK(book().find(rule.info.code) == &rule);
    CHECK(book().find(rule.info.name) == &rule);
  }
  CHECK(codes.size() >= 18);
}

TEST_CASE("Rules: every rule but those of the pipeline has a function, and none is left over") {
  std::set<std::string> with_function;
  for (const Rule& rule : book().rules()) {
    INFO(rule.info.code << " " << rule.info.name);
    const bool of_the_pipeline = rule.info.code == "KAP001" || rule.info.code == "KAP002";
    const bool has_function = function_of(rule) || file_function_of(rule);
    CHECK(has_function == !of_the_pipeline);
    const bool is_code = rule.kind == "code" || rule.kind == "api";
    if (is_code && !of_the_pipeline) with_function.insert(rule.info.name);
  }
  std::set<std::string> functions;
  for (const std::string_view name : code_rule_names()) functions.emplace(name);
  CHECK(functions == with_function);
}

TEST_CASE("Rules: descriptions are complete and have the form that pages and reports need") {
  const std::set<Version> released(book().versions().begin(), book().versions().end());
  for (const Rule& rule : book().rules()) {
    INFO(rule.info.code << " " << rule.info.name);
    CHECK(rule.info.summary.ends_with('.'));
    CHECK(rule.info.summary.find('\n') == std::string::npos);
    CHECK(!rule.info.before.empty());
    CHECK((rule.info.safety != Safety::manual || rule.info.after.empty()));
    const bool of_the_pipeline = rule.info.code == "KAP001" || rule.info.code == "KAP002";
    CHECK(rule.triggers.empty() == of_the_pipeline);
    if (rule.info.since) CHECK(released.contains(*rule.info.since));
    if (rule.info.until) CHECK(released.contains(*rule.info.until));
  }
}

TEST_CASE("Rules: texts that end up in messages are one line without a final period") {
  const auto check = [](const std::string& text) {
    INFO(text);
    CHECK(text.find('\n') == std::string::npos);
    CHECK(!text.ends_with('.'));
  };
  for (const Rule& rule : book().rules()) {
    INFO(rule.info.name);
    for (const ArgumentChange& change : rule.replacement.arguments) {
      check(change.reason);
      check(change.otherwise);
      using enum ArgumentChange::Action;
      const bool says_why = change.action == drop || change.action == report;
      CHECK(says_why == !change.reason.empty());
    }
    for (const auto& required : rule.replacement.required) check(required.otherwise);
    for (const ArgumentEntry& entry : rule.arguments) {
      check(entry.change.reason);
      check(entry.change.otherwise);
    }
    for (const SymbolEntry& entry : rule.symbols) {
      check(entry.reason);
      check(entry.otherwise);
    }
    for (const TextEntry& entry : rule.texts) {
      check(entry.reason);
      check(entry.otherwise);
    }
    for (const ValueEntry& entry : rule.values) check(entry.note);
    for (const LabelEntry& entry : rule.labels) {
      check(entry.reason);
      check(entry.remedy);
    }
    for (const MethodChange& method : rule.client.methods) check(method.reason);
    for (const MethodChange& member : rule.client.members) check(member.reason);
  }
}

TEST_CASE("Rules: each example is reported by its rule and fixed as the page says") {
  for (const Rule& rule : book().rules()) {
    const RuleSet rules = rules_around(rule);
    INFO(rule.info.name << ", " << to_string(rules.from()) << " to " << to_string(rules.to()));
    const bool is_python = rule.info.language == "python";
    const std::string name = is_python ? "example.py" : "example." + rule.info.language;
    const auto file = SourceFile::from_utf8(name, rule.info.before);
    const FileAnalysis analysis = analyze(file, rules, Project());
    CHECK(std::ranges::count(analysis.findings, rule.info.code, &Finding::rule) > 0);
    CHECK((rule.triggers.empty() || rules.has_word(rule.info.before)));
    const FixResult result = fix(file, rules, Project(), rule.info.safety);
    CHECK(result.text == (rule.info.after.empty() ? rule.info.before : rule.info.after));
  }
}

TEST_CASE("Rules: each example holds a trigger word of its rule") {
  for (const Rule& rule : book().rules()) {
    INFO(rule.info.name);
    const auto occurs = [&](const std::string& word) {
      return rule.info.before.find(word) != std::string::npos;
    };
    CHECK((rule.triggers.empty() || std::ranges::any_of(rule.triggers, occurs)));
  }
}

TEST_CASE("Rules: versions gate them exactly") {
  for (const Rule& rule : book().rules()) {
    INFO(rule.info.name);
    const auto first = first_version(rule);
    if (rule.info.until) {
      CHECK(rule.concerns({{0, 3, 5}, before(*rule.info.until)}));
      CHECK(!rule.concerns({{0, 3, 5}, *rule.info.until}));
    } else if (first && is_announced(*first)) {
      const Version newest = before(*first);
      CHECK(rule.concerns({newest, newest, newest}));
      CHECK(!rule.concerns({{0, 1, 0}, newest}));
    } else if (first) {
      CHECK(rule.concerns({before(*first), *first}));
      CHECK(!rule.concerns({before(before(*first)), before(*first)}));
    } else {
      CHECK(rule.concerns({{0, 5, 2}, {0, 5, 3}}));
    }
  }
  const auto runs = [](Version from, Version to, std::string_view code) {
    return RuleSet::select(book(), from, to, {})->runs(code);
  };
  CHECK(runs({0, 4, 0}, {0, 4, 1}, "KAP203"));
  CHECK(!runs({0, 4, 1}, {0, 5, 3}, "KAP203"));
  CHECK(!runs({0, 4, 2}, {0, 5, 3}, "KAP101"));
  CHECK(!runs({0, 3, 5}, {0, 4, 2}, "KAP201"));
}

TEST_CASE("Rules: the beginning of a longer name concerns no file") {
  const auto rules = RuleSet::select(book(), {0, 3, 5}, {0, 5, 3}, {{"python-3-12"}, {}, false});
  REQUIRE(rules);
  const Project none;
  const FileResolver resolver(none, "dag.py");
  for (const char* code :
       {"import imp", "import imp\n", "import imp, os\n", "from imp import a\n"}) {
    INFO(code);
    CHECK(rules->concerns(code, resolver));
  }
  CHECK(!rules->concerns("import importlib\nfrom importlib import resources\n", resolver));
  CHECK(rules->concerns("import importlib\nimport imp\n", resolver));
}

TEST_CASE("Rules: an id in a longer string concerns no file") {
  const auto rules = RuleSet::select(book(), {0, 3, 5}, {0, 5, 3}, {});
  REQUIRE(rules);
  const Project none;
  const FileResolver resolver(none, "dag.py");
  CHECK(rules->concerns("x = 'minio-seg-to-pacs'", resolver));
  CHECK(rules->concerns("x = \"minio-seg-to-pacs/a\", r\"minio-seg-to-pacs\"", resolver));
  CHECK(rules->concerns("x = \"\"\"minio-seg-to-pacs\"\"\"", resolver));
  CHECK(!rules->concerns("x = '/data/minio-seg-to-pacs'", resolver));
  CHECK(!rules->concerns("# minio-seg-to-pacs", resolver));
}

TEST_CASE("Rules: an id that changed in a patch release is left alone before it") {
  const auto file = SourceFile::from_utf8(
      "dag.py", "trigger_dag_id = \"import-dicoms-in-zip-to-internal-pacs\"\n");
  const auto findings = [&](Version to) {
    const auto rules = RuleSet::select(book(), {0, 4, 2}, to, {});
    return analyze(file, *rules, Project()).findings.size();
  };
  CHECK(findings({0, 5, 0}) == 0);
  CHECK(findings({0, 5, 1}) == 1);
  CHECK(findings({0, 5, 3}) == 1);
}

TEST_CASE("Rules: releases are complete and in order") {
  CHECK(std::ranges::is_sorted(book().versions()));
  CHECK(book().versions().front() == Version{0, 1, 0});
  CHECK(book().versions().back() == Version{0, 6, 0});
  CHECK(book().version("0.4", RuleBook::Series::oldest) == Version{0, 4, 0});
  CHECK(book().version("0.4", RuleBook::Series::newest) == Version{0, 4, 2});
  CHECK(book().version("0.4.1", RuleBook::Series::newest) == Version{0, 4, 1});
  const auto unknown = book().version("0.7", RuleBook::Series::newest);
  REQUIRE(!unknown);
  CHECK(unknown.error().find("0.6.0") != std::string::npos);
}

TEST_CASE("Rules: modules know when they existed") {
  const auto span = [](std::string_view module) {
    const auto found = std::ranges::find(book().modules(), module, &RuleBook::ModuleSpan::module);
    REQUIRE(found != book().modules().end());
    return std::pair(found->first, found->last);
  };
  CHECK(span("kaapana.operators.LocalDeleteFromPacsOperator") ==
        std::pair(Version{0, 1, 0}, Version{0, 3, 5}));
  CHECK(span("kaapana.operators.GetInputOperator") ==
        std::pair(Version{0, 4, 0}, Version{0, 6, 0}));
  CHECK(span("kaapanapy.helper") == std::pair(Version{0, 4, 0}, Version{0, 6, 0}));
}

TEST_CASE("Rules: what cannot be given to a container is no common argument") {
  const auto is_common = [](std::string_view name) {
    return std::ranges::find(book().common_arguments(), name) != book().common_arguments().end();
  };
  CHECK(is_common("input_operator"));
  CHECK(is_common("trigger_rule"));
  for (const auto* fatal : {"ram_mem_mb", "ram_mem_mb_lmt", "execution_timeout",
                            "max_active_tis_per_dag", "python_callable", "display_name"}) {
    INFO(fatal);
    CHECK(!is_common(fatal));
  }
}

TEST_CASE("Rules: a site's own rule is loaded next to those of the guides") {
  const std::pair<std::string, std::string> extra[] = {{"site.json", kRule}};
  const auto loaded = RuleBook::load(extra);
  REQUIRE(loaded);
  const Rule* rule = loaded->find("site-rule");
  REQUIRE(rule);
  CHECK(rule->info.why == "First line\nsecond line.");
  CHECK(rule->replacement.arguments.at(0).when == std::vector<std::string>{"None"});
  CHECK(loaded->rules().size() == book().rules().size() + 1);

  const std::pair<std::string, std::string> twice[] = {{"a.json", kRule}, {"b.json", kRule}};
  const auto refused = RuleBook::load(twice);
  REQUIRE(!refused);
  CHECK(refused.error() == "b.json: rule SITE1 (site-rule) exists already");
}

TEST_CASE("Rules: a mistake in a rule file is an error that names the place") {
  const auto error = [](const std::string& old, const std::string& now) {
    const auto loaded = load_rule(edited(kRule, old, now));
    return loaded ? "" : loaded.error();
  };
  REQUIRE(load_rule(kRule));
  CHECK(error("\"summary\"", "\"sumary\"") == "/: 'summary' is missing");
  CHECK(error("\"fix\": \"A fix.\"", "\"fix\": \"A fix.\", \"colour\": 1") ==
        "/: unknown key 'colour'");
  CHECK(error("\"0.4.0\"", "\"0.4\"") == "/: 'since' is no version: 0.4");
  CHECK(error("\"0.4.0\"", "4") == "/: 'since' must be a string");
  CHECK(error("\"warning\"", "\"bad\"") == "/: 'severity' has an unknown value: bad");
  CHECK(error("\"operator\"", "\"visitor\"") == "/: unknown kind 'visitor'");
  CHECK(error("[\"OldOperator\"]", "\"OldOperator\"") == "/: 'triggers' must be a list of strings");
  CHECK(error("\"second line.\"", "2") == "/: 'why' must be a list of strings");
  CHECK(error("\"new\"", "\"mew\"") == "/data: 'new' is missing");
  CHECK(error("\"drop\"", "\"droop\"") ==
        "/data/arguments/0: 'action' has an unknown value: droop");
  CHECK(error(", \"otherwise\": \"look\"", "") == "/data/arguments/0: 'otherwise' is missing");
  CHECK(error("\"gone\"", "[]") == "/data/arguments/0: 'reason' must be a string");
  CHECK(error("\"name\": \"speed\"", "\"name\": \"speed\", \"lost\": \"soon\"") ==
        "/data/arguments/0: 'lost' is no version: soon");
  CHECK(error("\"positional\"", "\"positions\"") == "/data: unknown key 'positions'");
  const auto broken = load_rule("{");
  REQUIRE(!broken);
  CHECK(broken.error().find("parse error at line 1") != std::string::npos);
}

TEST_CASE("Rules: a mistake in the release file is an error that names the place") {
  const auto error = [](const std::string& text) {
    const auto loaded = load_platform(text);
    return loaded ? "" : loaded.error();
  };
  CHECK(error(R"({"versions": ["0.4"]})") == "/: no version: 0.4");
  CHECK(error(R"({"releases": []})") == "/: unknown key 'releases'");
  CHECK(error(R"({"modules": [{"module": "kaapana", "first": "0.4.0"}]})") ==
        "/modules/0: 'last' is missing");
}

TEST_CASE("Rules: a selection takes codes, names and code prefixes, and refuses what is unknown") {
  const auto selected = [](const Selection& selection) {
    return RuleSet::select(book(), {0, 3, 5}, {0, 5, 3}, selection);
  };
  CHECK(selected({{"KAP1"}, {}})->runs("KAP101"));
  CHECK(!selected({{"KAP1"}, {}})->runs("KAP201"));
  CHECK(!selected({{"KAP1"}, {"local-minio"}})->runs("KAP103"));
  CHECK(selected({{}, {"KAP2"}})->runs("KAP001"));
  const auto unknown = selected({{"local-mini"}, {}});
  REQUIRE(!unknown);
  CHECK(unknown.error().find("'local-mini'") != std::string::npos);
}

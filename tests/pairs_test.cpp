#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "fuzz/properties.hpp"
#include "fuzz/python_writer.hpp"
#include "rules/api/history.hpp"
#include "rules/arguments.hpp"
#include "support/migration.hpp"
#include "support/pair_writer.hpp"

// Promises about the operators that gave way to containers, for written and for generated DAGs.

namespace {

namespace fs = std::filesystem;
using namespace dagfix;
using namespace dagfix::test;

const fs::path kFixtures = fs::path(DAGFIX_SOURCE_DIR) / "fixtures";
constexpr Version k013{0, 1, 3};
constexpr Version k035{0, 3, 5};
constexpr Version k042{0, 4, 2};
constexpr Version k053{0, 5, 3};

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

const RuleBook& book() {
  static const RuleBook loaded = *RuleBook::load();
  return loaded;
}

/// What the constructors of one Kaapana version take.
class Signatures {
 public:
  explicit Signatures(Version version) {
    for (const ApiBlock& block : ApiHistory::embedded().blocks()) {
      const std::string name(block.path.substr(block.path.rfind('.') + 1));
      const bool is_operator = block.path == fmt::format("kaapana.operators.{0}.{0}", name);
      if (!is_operator || !block.is_in(version)) continue;
      for (const ApiMember& member : block.members(version)) {
        if (member.kind == "param") parameters_[name].emplace(member.name());
        if (member.kind == "super") passed_[name].emplace(member.name());
      }
    }
  }

  bool has(const std::string& name) const { return parameters_.contains(name); }

  bool takes(const std::string& name, const std::string& keyword) const {
    if (parameters_.at(name).contains(keyword)) return true;
    const auto passed = passed_.find(name);
    if (passed != passed_.end() && passed->second.contains(keyword)) return false;
    // Both bases take these, too; no rule has them among what means the same everywhere.
    static const std::set<std::string> more = {"execution_timeout", "max_active_tis_per_dag",
                                               "ram_mem_mb", "ram_mem_mb_lmt"};
    const auto common = book().common_arguments();
    return more.contains(keyword) || std::ranges::find(common, keyword) != common.end();
  }

 private:
  std::map<std::string, std::set<std::string>> parameters_;
  std::map<std::string, std::set<std::string>> passed_;
};

/// The class of a call if it is one of the pairs: its name, else empty.
std::string paired_class(const SemanticModel& model, Node call) {
  const auto symbol = model.resolve(call.child(Field::function));
  if (!symbol) return {};
  for (const Rule& rule : book().rules()) {
    for (const std::string& path : {rule.replacement.old_class, rule.replacement.new_class}) {
      if (!path.empty() && path == symbol->path) return path.substr(path.rfind('.') + 1);
    }
  }
  return {};
}

std::vector<std::string> keywords_of(const SemanticModel& model, Node call) {
  std::vector<std::string> keywords;
  for (const Node argument : arguments_of(call)) {
    if (argument.is(Kind::keyword_argument)) {
      keywords.emplace_back(argument.child(Field::name).text());
    } else if (argument.is(Kind::dictionary_splat)) {
      const Node dictionary = unpacked_dictionary(model, argument);
      const auto entries = dictionary ? dictionary_entries(model, dictionary) : std::nullopt;
      if (!entries) continue;
      for (const DictionaryEntry& entry : *entries) keywords.push_back(entry.key);
    }
  }
  return keywords;
}

/// A call of the pairs that fails on the target and has no finding that says so; empty: none.
std::string unreported_failure(const std::string& text, Version from, Version to,
                               const Signatures& target) {
  const Texts texts{{"dags/dag.py", text}};
  const auto project = project_of(texts);
  const RuleSet rules = rules_between(book(), from, to);
  const SourceFile file = SourceFile::from_utf8("dags/dag.py", text);
  const SyntaxTree tree = SyntaxTree::parse(text);
  const FileResolver resolver(*project, file.path());
  const SemanticModel model = SemanticModel::build(tree, resolver);
  const FileAnalysis analysis = analyze(file, rules, *project);
  for (std::uint32_t id = 0; id < tree.size(); ++id) {
    const Node call = tree.node(id);
    const std::string name = call.is(Kind::call) ? paired_class(model, call) : std::string();
    if (name.empty()) continue;
    const auto keywords = keywords_of(model, call);
    const bool fails = !target.has(name) || std::ranges::any_of(keywords, [&](const auto& keyword) {
      return !target.takes(name, keyword);
    });
    if (!fails) continue;
    const ByteRange place = call.child(Field::function).range();
    const bool is_said = std::ranges::any_of(analysis.findings, [&](const Finding& finding) {
      const bool is_here =
          finding.range.contains(place) ||
          std::ranges::find(finding.related, place, &Related::range) != finding.related.end();
      return finding.severity == Severity::error && is_here;
    });
    if (!is_said) return std::string(call.text());
  }
  return {};
}

Texts one_file(std::string text) { return {{"dags/dag.py", std::move(text)}}; }

/// Whether a migration in two hops gives the same bytes as one.
void check_hops(const Texts& texts, Version from = k035, Version by = k042) {
  for (const Safety most : {Safety::safe, Safety::unsafe}) {
    const Texts once = migrated(book(), texts, from, k053, most);
    const Texts first = migrated(book(), texts, from, by, most);
    const Texts twice = migrated(book(), first, by, k053, most);
    for (const auto& [path, text] : once) {
      INFO(path << " by " << to_string(by)
                << (most == Safety::safe ? ", safe fixes" : ", unsafe fixes"));
      INFO(texts.at(path));
      CHECK(text == twice.at(path));
    }
  }
}

bool is_expectation(const fs::path& path) {
  const std::string name = path.filename();
  return name.ends_with("fixed.py");
}

/// The Python files below a folder that are UTF-8.
Texts texts_below(const fs::path& folder) {
  Texts texts;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".py" || is_expectation(entry.path())) continue;
    const auto file = SourceFile::decode(entry.path(), read(entry.path()));
    if (!file) continue;
    texts[entry.path().lexically_relative(folder)] = file->text();
  }
  return texts;
}

}  // namespace

TEST_CASE("Pairs: one hop gives the same bytes as two, for all rule fixtures") {
  for (const auto& rule : fs::directory_iterator(kFixtures / "rules")) {
    for (const auto& entry : fs::directory_iterator(rule)) {
      INFO(entry.path().lexically_relative(kFixtures).generic_string());
      if (entry.is_directory()) {
        check_hops(texts_below(entry.path()));
      } else if (!is_expectation(entry.path())) {
        const auto file = SourceFile::decode(entry.path(), read(entry.path()));
        // Others are not written for the first version.
        if (file && file->text().starts_with("# dagfix: from=0.3.5 to=0.5"))
          check_hops(one_file(std::string(file->text())));
      }
    }
  }
}

TEST_CASE("Pairs: one hop gives the same bytes as two, for all example DAGs") {
  for (const auto& entry : fs::directory_iterator(kFixtures / "dags")) {
    if (entry.is_directory()) check_hops(texts_below(entry.path()));
  }
}

TEST_CASE("Pairs: one hop gives the same bytes as two, for generated DAGs") {
  std::mt19937 random(4);
  for (int round = 0; round < 400; ++round) check_hops(one_file(write_pairs_dag(random)));
}

TEST_CASE("Pairs: one hop gives the same bytes as two, for generated DAGs of the 0.1 era") {
  std::mt19937 random(9);
  constexpr std::array kHalfWays = {Version{0, 2, 0}, Version{0, 2, 6}, k035, k042};
  for (std::size_t round = 0; round < 80; ++round) {
    check_hops(one_file(write_pairs_dag(random, Era::v0_1)), k013,
               kHalfWays[round % kHalfWays.size()]);
  }
}

TEST_CASE("Pairs: one hop gives the same bytes as two, for generated DAGs of all rules") {
  std::mt19937 random(8);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::uint8_t> bytes(40 + round % 160);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    fuzz::ByteSource choices(bytes);
    const auto file = SourceFile::decode("dags/dag.py", fuzz::write_python(choices));
    REQUIRE(file.has_value());
    // No operator takes it before 0.5.0: such a DAG is none of 0.3.5.
    if (file->text().contains("display_name")) continue;
    check_hops(one_file(std::string(file->text())));
  }
}

TEST_CASE("Pairs: every promise is kept for generated DAGs, and some are rewritten") {
  const fuzz::RuleSets rules;
  std::mt19937 random(5);
  int rewritten = 0;
  for (int round = 0; round < 400; ++round) {
    const std::string text = write_pairs_dag(random);
    INFO(text);
    const auto file = SourceFile::decode("dags/dag.py", text);
    REQUIRE(file.has_value());
    REQUIRE(SyntaxTree::parse(file->text()).errors().empty());
    const std::vector<std::uint8_t> bytes(64, static_cast<std::uint8_t>(round));
    fuzz::ByteSource subsets(bytes);
    REQUIRE(fuzz::broken_promise(*file, rules.all().front(), subsets) == "");
    rewritten += migrated(book(), one_file(text), k035, k053, Safety::safe).begin()->second != text;
  }
  CHECK(rewritten > 150);
}

TEST_CASE("Pairs: no call fails on the target without a finding that says so") {
  std::mt19937 random(6);
  const Signatures signatures_042(k042);
  const Signatures signatures_053(k053);
  for (int round = 0; round < 450; ++round) {
    const bool is_old = round >= 350;
    const Version from = is_old ? k013 : k035;
    const std::string text = write_pairs_dag(random, is_old ? Era::v0_1 : Era::v0_3);
    for (const Version to : {k042, k053}) {
      const Signatures& target = to == k042 ? signatures_042 : signatures_053;
      INFO("to " << to_string(to) << "\n" << text);
      CHECK(unreported_failure(text, from, to, target) == "");
      for (const Safety most : {Safety::safe, Safety::unsafe}) {
        const std::string after = migrated(book(), one_file(text), from, to, most).begin()->second;
        INFO("after:\n" << after);
        CHECK(unreported_failure(after, from, to, target) == "");
      }
    }
  }
}

TEST_CASE("Pairs: nothing is imported that the target lacks") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const std::string text = write_pairs_dag(random);
    const std::string after =
        migrated(book(), one_file(text), k035, k053, Safety::unsafe).begin()->second;
    const SyntaxTree tree = SyntaxTree::parse(after);
    const Project none;
    const FileResolver resolver(none, "dags/dag.py");
    const SemanticModel model = SemanticModel::build(tree, resolver);
    for (const Import& import : model.imports()) {
      if (!is_kaapana(import.module) || text.contains(import.statement.text())) continue;
      const std::string module =
          import.module == "kaapana.operators" ? import.qualified() : import.module;
      const auto spans = book().modules();
      const auto span = std::ranges::find(spans, module, &RuleBook::ModuleSpan::module);
      INFO(import.statement.text());
      REQUIRE(span != spans.end());
      CHECK((span->first <= k053 && k053 <= span->last));
    }
  }
}

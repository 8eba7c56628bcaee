#include <random>

#include "dagfix/analyze.hpp"
#include "fuzz/properties.hpp"
#include "fuzz/python_writer.hpp"
#include "project/project.hpp"
#include "support/catch.hpp"
#include "syntax/tree.hpp"

namespace {

using namespace dagfix;

std::vector<std::uint8_t> random_bytes(std::mt19937& random, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
  return bytes;
}

SourceFile decoded(const std::string& text) {
  auto file = SourceFile::decode("dags/dag.py", text);
  REQUIRE(file.has_value());
  return *std::move(file);
}

}  // namespace

TEST_CASE("Properties: generated DAGs parse, and most of them hold something to find") {
  const fuzz::RuleSets rules;
  std::mt19937 random(1);
  int with_findings = 0;
  int with_fixes = 0;
  for (int round = 0; round < 300; ++round) {
    const auto bytes = random_bytes(random, 400);
    fuzz::ByteSource choices(bytes);
    const std::string text = fuzz::write_python(choices);
    INFO(text);
    const SourceFile file = decoded(text);
    REQUIRE(SyntaxTree::parse(file.text()).errors().empty());
    const FileAnalysis analysis = analyze(file, rules.all().front(), Project());
    with_findings += !analysis.findings.empty();
    with_fixes += !analysis.fixes.empty();
  }
  CHECK(with_findings > 150);
  CHECK(with_fixes > 100);
}

TEST_CASE("Properties: every promise is kept for generated DAGs") {
  const fuzz::RuleSets rules;
  std::mt19937 random(2);
  for (int round = 0; round < 1500; ++round) {
    const auto bytes = random_bytes(random, 40 + round % 160);
    fuzz::ByteSource choices(bytes);
    const RuleSet& set = choices.pick(rules.all());
    const std::string text = fuzz::write_python(choices);
    INFO("round " << round << ", " << to_string(set.from()) << " -> " << to_string(set.to()));
    INFO(text);
    fuzz::ByteSource subsets(bytes);
    REQUIRE(fuzz::broken_promise(decoded(text), set, subsets) == "");
  }
}

TEST_CASE("Properties: every promise is kept for DAGs with damaged bytes") {
  const fuzz::RuleSets rules;
  std::mt19937 random(3);
  for (int round = 0; round < 700; ++round) {
    const auto bytes = random_bytes(random, 120);
    fuzz::ByteSource choices(bytes);
    const RuleSet& set = choices.pick(rules.all());
    std::string text = fuzz::write_python(choices);
    for (int damage = 0; damage < 3 && !text.empty(); ++damage) {
      const std::size_t at = random() % text.size();
      text.replace(at, random() % 4, 1, static_cast<char>(random() % 128));
    }
    const auto file = SourceFile::decode("dags/dag.py", text);
    if (!file) continue;
    INFO("round " << round << ", " << to_string(set.from()) << " -> " << to_string(set.to()));
    INFO(text);
    fuzz::ByteSource subsets(bytes);
    REQUIRE(fuzz::broken_promise(*file, set, subsets) == "");
  }
}

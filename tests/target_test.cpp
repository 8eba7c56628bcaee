#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

#include "fuzz/properties.hpp"
#include "fuzz/python_writer.hpp"
#include "rules/api/history.hpp"
#include "support/migration.hpp"

// What fixes bring into a file has to be there on the target version.

namespace {

namespace fs = std::filesystem;
using namespace dagfix;
using namespace dagfix::test;

const fs::path kFixtures = fs::path(DAGFIX_SOURCE_DIR) / "fixtures";
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

std::set<std::string> imported_by(const std::string& text) {
  const SyntaxTree tree = SyntaxTree::parse(text);
  const Project none;
  const FileResolver resolver(none, "dags/dag.py");
  const SemanticModel model = SemanticModel::build(tree, resolver);
  std::set<std::string> imported;
  for (const Import& import : model.imports()) imported.insert(import.qualified());
  return imported;
}

/// Of packages that kaapanapy imports itself: where it is, they are.
const std::set<std::string> kBesideKaapanapy = {"minio.Minio"};

/// The names that all fixes together import anew and the target lacks. Airflow and all else have no
/// table: no fix may bring them in.
std::string lacking(const Texts& before, const Texts& after, Version to) {
  std::string all;
  for (const auto& [path, text] : after) {
    if (text == before.at(path)) continue;
    const std::set<std::string> known = imported_by(before.at(path));
    for (const std::string& name : imported_by(text)) {
      if (known.contains(name) || kBesideKaapanapy.contains(name)) continue;
      if (!ApiHistory::embedded().has(name, to)) all += path + ": " + name + "\n";
    }
  }
  return all;
}

void check_imports(const Texts& texts) {
  for (const Version to : {k042, k053}) {
    const Texts after = migrated(book(), texts, k035, to, Safety::unsafe);
    INFO("to " << to_string(to));
    CHECK(lacking(texts, after, to) == "");
  }
}

bool is_input(const fs::path& path) {
  return path.extension() == ".py" && !path.filename().string().ends_with("fixed.py");
}

/// Each Python file of the fixtures by itself.
template <typename Function>
void for_each_fixture(Function function) {
  for (const auto& entry : fs::recursive_directory_iterator(kFixtures)) {
    const std::string name = entry.path().lexically_relative(kFixtures).generic_string();
    if (!is_input(entry.path()) || !(name.starts_with("rules/") || name.starts_with("dags/"))) {
      continue;
    }
    const auto file = SourceFile::decode(entry.path(), read(entry.path()));
    if (!file) continue;
    INFO(name);
    function(*file);
  }
}

}  // namespace

TEST_CASE("Target: no fix of a fixture imports what the target lacks") {
  int changed = 0;
  for_each_fixture([&](const SourceFile& file) {
    const Texts texts{{"dags/dag.py", std::string(file.text())}};
    check_imports(texts);
    changed += migrated(book(), texts, k035, k053, Safety::unsafe) != texts;
  });
  CHECK(changed > 150);
}

TEST_CASE("Target: no fix of a generated DAG imports what the target lacks") {
  std::mt19937 random(9);
  for (int round = 0; round < 300; ++round) {
    std::vector<std::uint8_t> bytes(40 + round % 160);
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random());
    fuzz::ByteSource choices(bytes);
    const auto file = SourceFile::decode("dags/dag.py", fuzz::write_python(choices));
    REQUIRE(file.has_value());
    INFO(file->text());
    check_imports({{"dags/dag.py", std::string(file->text())}});
  }
}

TEST_CASE("Target: every promise is kept for all fixtures") {
  const fuzz::RuleSets rules;
  for_each_fixture([&](const SourceFile& file) {
    const auto alone = SourceFile::decode("dags/dag.py", std::string(file.bytes()));
    REQUIRE(alone.has_value());
    const std::vector<std::uint8_t> bytes(64, 0x5a);
    fuzz::ByteSource subsets(bytes);
    CHECK(fuzz::broken_promise(*alone, rules.all().front(), subsets) == "");
  });
}

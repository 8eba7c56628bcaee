#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "support/catch.hpp"
#include "support/shell.hpp"
#include "support/temp_folder.hpp"

namespace {

namespace fs = std::filesystem;
using namespace dagfix;

const fs::path kFixtures = fs::path(DAGFIX_SOURCE_DIR) / "fixtures" / "cli";
// What a file of a test that is larger than this contains is nobody's concern.
constexpr std::uintmax_t kLarge = 1 << 20;

bool updating() { return std::getenv("DAGFIX_UPDATE_FIXTURES") != nullptr; }

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

void write(const fs::path& path, const std::string& text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}

// Everything below a folder: the bytes of files, where links point to.
using Tree = std::map<std::string, std::string>;

Tree tree_of(const fs::path& folder) {
  Tree tree;
  if (!fs::exists(folder)) return tree;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().lexically_relative(folder);
    if (name.starts_with(".git/")) continue;
    if (entry.is_symlink()) {
      tree[name] = "-> " + fs::read_symlink(entry.path()).string();
    } else if (entry.is_regular_file()) {
      tree[name] = entry.file_size() > kLarge ? "large" : read(entry.path());
    }
  }
  return tree;
}

// One folder of fixtures/cli: see its README.
struct Case {
  fs::path folder;

  std::string text(const char* name) const { return read(folder / name); }
  bool has(const char* name) const { return fs::exists(folder / name); }

  void update(const ShellResult& result, const Tree& before, const Tree& after) const {
    write(folder / "exit_code", std::to_string(result.exit_code) + "\n");
    for (const auto& [name, text] : {std::pair{"stdout", &result.out}, {"stderr", &result.err}}) {
      fs::remove(folder / name);
      if (!text->empty()) write(folder / name, *text);
    }
    fs::remove_all(folder / "after");
    if (after == before) return;
    for (const auto& [name, text] : after) {
      const auto old = before.find(name);
      if (old == before.end() || old->second != text) write(folder / "after" / name, text);
    }
  }
};

std::vector<Case> all_cases() {
  std::vector<Case> cases;
  for (const auto& entry : fs::directory_iterator(kFixtures)) {
    if (fs::exists(entry.path() / "command")) cases.push_back({entry.path()});
  }
  std::ranges::sort(cases, {}, &Case::folder);
  return cases;
}

void run_case(const Case& fixture) {
  const TempFolder folder;
  const Shell shell;
  fs::copy(kFixtures / "site-dags", folder.path(), fs::copy_options::recursive);
  if (fixture.has("files")) {
    fs::copy(fixture.folder / "files", folder.path(),
             fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  }
  if (fixture.has("setup")) {
    const ShellResult setup = shell.run(folder.path(), fixture.text("setup"));
    INFO(setup.err);
    REQUIRE(setup.exit_code == 0);
  }
  const Tree before = tree_of(folder.path());
  const ShellResult result = shell.run(folder.path(), fixture.text("command"));
  const Tree after = tree_of(folder.path());
  if (updating()) fixture.update(result, before, after);

  CHECK(result.exit_code == std::stoi(fixture.text("exit_code")));
  CHECK(result.out == (fixture.has("stdout") ? fixture.text("stdout") : ""));
  CHECK(result.err == (fixture.has("stderr") ? fixture.text("stderr") : ""));
  Tree expected = before;
  for (const auto& [name, text] : tree_of(fixture.folder / "after")) expected[name] = text;
  CHECK(after == expected);
}

}  // namespace

TEST_CASE("Command line: each case of fixtures/cli") {
  const std::vector<Case> cases = all_cases();
  REQUIRE(cases.size() > 50);
  for (const Case& fixture : cases) {
    INFO(fixture.folder.filename().string());
    run_case(fixture);
  }
}

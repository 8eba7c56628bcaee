#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "dagfix/analyze.hpp"
#include "project/project.hpp"
#include "rules/load.hpp"
#include "rules/rule_set.hpp"
#include "support/catch.hpp"
#include "text/source_file.hpp"

namespace {

namespace fs = std::filesystem;
using namespace dagfix;

const fs::path kFixtures = fs::path(DAGFIX_SOURCE_DIR) / "fixtures" / "rules";
/// Line and rule name of a finding.
using Mark = std::pair<std::uint32_t, std::string>;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

bool updating() { return std::getenv("DAGFIX_UPDATE_FIXTURES") != nullptr; }

bool is_expectation(const fs::path& path) {
  const std::string name = path.filename();
  return name.ends_with(".fixed.py") || name.ends_with(".unsafe-fixed.py");
}

std::vector<fs::path> all_fixtures() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(kFixtures)) {
    const bool python = entry.is_regular_file() && entry.path().extension() == ".py";
    if (python && !is_expectation(entry.path())) found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

/// The value of a directive in the first line: "# dagfix: from=0.4.2 to=0.5.3".
std::string directive(std::string_view text, std::string_view key) {
  std::string_view line = text.substr(0, text.find_first_of("\r\n"));
  const auto at = line.find(std::string(key) + "=");
  if (at == std::string_view::npos) return {};
  line.remove_prefix(at + key.size() + 1);
  return std::string(line.substr(0, line.find(' ')));
}

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  std::istringstream in{std::string(list)};
  for (std::string name; std::getline(in, name, ',');) {
    std::erase_if(name, [](char c) { return c == ' ' || c == '\r'; });
    names.push_back(name);
  }
  return names;
}

/// "# expect: a, b" at the end of the line; "# expect-next: a" on the line above.
std::vector<Mark> marks_in(const SourceFile& file) {
  std::vector<Mark> marks;
  for (std::uint32_t number = 1; number <= file.line_count(); ++number) {
    const std::string_view line = file.slice(file.line(number));
    for (const auto& [word, offset] :
         {std::pair<std::string_view, int>{"# expect: ", 0}, {"# expect-next: ", 1}}) {
      const auto at = line.find(word);
      if (at == std::string_view::npos) continue;
      for (auto& name : names_in(line.substr(at + word.size()))) {
        marks.emplace_back(number + offset, std::move(name));
      }
    }
  }
  std::ranges::sort(marks);
  return marks;
}

std::string shown(const std::vector<Mark>& marks) {
  std::string text;
  for (const auto& [line, name] : marks) text += "\n  " + std::to_string(line) + ": " + name;
  return text;
}

/// The folder of the project that a fixture is a file of; empty if it stands alone.
fs::path project_folder(const fs::path& fixture) {
  const fs::path relative = fixture.lexically_relative(kFixtures);
  const auto parts = std::distance(relative.begin(), relative.end());
  return parts > 2 ? kFixtures / *relative.begin() / *std::next(relative.begin()) : fs::path();
}

/// The path of a fixture in its project.
std::string path_in_project(const fs::path& fixture) {
  const fs::path folder = project_folder(fixture);
  return folder.empty() ? fixture.filename() : fixture.lexically_relative(folder);
}

/// The files of a fixture's project.
std::unique_ptr<Project> project_of(const fs::path& fixture) {
  std::map<std::string, std::string> texts{{path_in_project(fixture), read(fixture)}};
  std::map<std::string, std::string> others;
  if (const fs::path folder = project_folder(fixture); !folder.empty()) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (!entry.is_regular_file() || is_expectation(entry.path())) continue;
      const bool is_python = entry.path().extension() == ".py";
      (is_python ? texts : others)[path_in_project(entry.path())] = read(entry.path());
    }
  }
  std::vector<std::string> paths;
  for (const auto& [name, text] : texts) paths.push_back(name);
  const auto reader = [](std::map<std::string, std::string> files) {
    return [files = std::move(files)](const std::string& name) {
      const auto found = files.find(name);
      return found == files.end() ? std::nullopt : std::optional(found->second);
    };
  };
  auto project = std::make_unique<Project>(paths, reader(texts), reader(others));
  for (const auto& [name, text] : texts) {
    const SyntaxTree tree = SyntaxTree::parse(text);
    const FileResolver resolver(*project, name);
    project->facts.add(facts_of(SemanticModel::build(tree, resolver), *project, name));
  }
  return project;
}

/// One fixture, loaded and checked against what its comments and its siblings say.
class Fixture {
 public:
  Fixture(const RuleBook& book, const fs::path& path)
      : book_(book),
        path_(path),
        file_(*SourceFile::decode(path_in_project(path), read(path))),
        project_(project_of(path)),
        rules_(*RuleSet::select(book, version("from"), version("to"), selection())),
        analysis_(analyze(file_, rules_, *project_)) {}

  void check() const {
    check_findings();
    check_safety();
    check_subsets();
    const std::string safe = fixed(Safety::safe);
    const std::string unsafe = fixed(Safety::unsafe);
    check_sibling(".fixed.py", safe == file_.text() ? "" : encoded(safe));
    check_sibling(".unsafe-fixed.py", unsafe == safe ? "" : encoded(unsafe));
  }

 private:
  Version version(std::string_view key) const {
    const auto version = parse_version(directive(file_.text(), key));
    INFO("the first line must say " << key << "=<version>");
    REQUIRE(version);
    return *version;
  }

  Selection selection() const {
    Selection selection;
    selection.outlook = directive(file_.text(), "outlook") == "yes";
    return selection;
  }

  void check_findings() const {
    std::vector<Mark> found;
    for (const Finding& finding : analysis_.findings) {
      const Rule& rule = *book_.find(finding.rule);
      found.emplace_back(file_.line_column(finding.range.begin).line, rule.info.name);
      const bool triggered =
          rule.triggers.empty() || std::ranges::any_of(rule.triggers, [&](const auto& word) {
            return file_.text().find(word) != std::string_view::npos;
          });
      INFO(rule.info.name << " reports without any of its trigger words");
      CHECK(triggered);
      CHECK(finding.message.find('\n') == std::string::npos);
      CHECK(finding.remedy.find('\n') == std::string::npos);
      CHECK(!finding.message.empty());
      CHECK(!finding.message.ends_with('.'));
      CHECK(!finding.remedy.ends_with('.'));
    }
    std::ranges::sort(found);
    INFO("found:" << shown(found) << "\nexpected:" << shown(marks_in(file_)));
    CHECK(found == marks_in(file_));
  }

  void check_safety() const {
    for (const Finding& finding : analysis_.findings) {
      if (!finding.fix) continue;
      INFO(finding.rule);
      CHECK(analysis_.fixes[*finding.fix].safety <= book_.find(finding.rule)->info.safety);
    }
  }

  /// Any subset of the fixes leaves a file that parses and has all other bytes as they were.
  void check_subsets() const {
    const std::size_t count = analysis_.fixes.size();
    if (count == 0) return;
    REQUIRE(analysis_.parses);
    std::mt19937 random(1);
    const std::size_t subsets = count <= 6 ? std::size_t{1} << count : 64;
    for (std::size_t i = 1; i < subsets; ++i) {
      const std::uint64_t mask = count <= 6 ? i : (std::uint64_t{random()} << 32) + random();
      std::vector<Edit> edits;
      for (std::size_t fix = 0; fix < count; ++fix) {
        if ((mask >> (fix % 64) & 1) == 0) continue;
        const auto& more = analysis_.fixes[fix].edits;
        edits.insert(edits.end(), more.begin(), more.end());
      }
      std::ranges::sort(edits);
      const std::string text = replaced_backwards(edits);
      INFO(text);
      REQUIRE(text == apply_edits(file_.text(), edits));
      REQUIRE(SyntaxTree::parse(text).errors().empty());
    }
  }

  std::string replaced_backwards(const std::vector<Edit>& edits) const {
    std::string text(file_.text());
    for (auto edit = edits.rbegin(); edit != edits.rend(); ++edit) {
      text.replace(edit->range.begin, edit->range.size(), edit->text);
    }
    return text;
  }

  std::string fixed(Safety most) const {
    FixResult result = fix(file_, rules_, *project_, most);
    CHECK(result.bugs.empty());
    CHECK(result.left.parses == analysis_.parses);
    for (const Finding& left : result.left.findings) {
      INFO("a second run would go on: " << left.rule << " " << left.message);
      CHECK((!left.fix || result.left.fixes[*left.fix].safety > most));
    }
    return std::move(result.text);
  }

  std::string encoded(const std::string& text) const {
    const auto size = static_cast<std::uint32_t>(file_.text().size());
    const Edit all[] = {{{0, size}, text}};
    const auto bytes = file_.encode_with(all);
    REQUIRE(bytes);
    return *bytes;
  }

  /// `bytes` empty: there must be no such sibling.
  void check_sibling(const char* ending, const std::string& bytes) const {
    fs::path sibling = path_;
    sibling.replace_extension(ending);
    if (updating() && bytes.empty()) fs::remove(sibling);
    if (updating() && !bytes.empty()) std::ofstream(sibling, std::ios::binary) << bytes;
    INFO(sibling.filename());
    CHECK(fs::exists(sibling) == !bytes.empty());
    if (fs::exists(sibling)) CHECK(read(sibling) == bytes);
  }

  const RuleBook& book_;
  fs::path path_;
  SourceFile file_;
  std::unique_ptr<Project> project_;
  RuleSet rules_;
  FileAnalysis analysis_;
};

}  // namespace

TEST_CASE("Fixtures: findings, fixes and siblings are as expected") {
  const auto book = RuleBook::load();
  REQUIRE(book);
  for (const fs::path& path : all_fixtures()) {
    INFO(path.lexically_relative(kFixtures).generic_string());
    Fixture(*book, path).check();
  }
}

TEST_CASE("Fixtures: every rule has at least eight, some of them silent") {
  const auto book = RuleBook::load();
  REQUIRE(book);
  std::map<std::string, int> all;
  std::map<std::string, int> silent;
  for (const fs::path& path : all_fixtures()) {
    const std::string rule = *path.lexically_relative(kFixtures).begin();
    const std::string text = read(path);
    INFO(path.lexically_relative(kFixtures).generic_string());
    REQUIRE(book->find(rule));
    ++all[rule];
    const bool ok = path.filename().string().starts_with("ok_");
    silent[rule] += ok;
    const bool is_part_of_project = !project_folder(path).empty();
    if (!is_part_of_project) CHECK(ok == (text.find("# expect") == std::string::npos));
  }
  for (const Rule& rule : book->rules()) {
    INFO(rule.info.name);
    CHECK(all[rule.info.name] >= 8);
    CHECK(silent[rule.info.name] >= 1);
  }
}

TEST_CASE("Fixtures: no expectation without its fixture") {
  for (const auto& entry : fs::recursive_directory_iterator(kFixtures)) {
    if (!is_expectation(entry.path())) continue;
    const fs::path fixture = entry.path().stem().stem().string() + ".py";
    INFO(entry.path().filename());
    CHECK(fs::exists(entry.path().parent_path() / fixture));
  }
}

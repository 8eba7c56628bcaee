#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "dagfix/analyze.hpp"
#include "files/decode.hpp"
#include "files/items.hpp"
#include "project/file_facts.hpp"
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
  const std::string name = path.stem();
  return name.ends_with(".fixed") || name.ends_with(".unsafe-fixed");
}

bool is_fixture(const fs::path& path) {
  return kind_of_name(path.filename().string()) && !is_expectation(path);
}

/// JSON and notebooks have no comments: what these would say stands beside them.
std::optional<std::string> note_beside(const fs::path& fixture) {
  const fs::path note = fixture.string() + ".expect";
  return fs::exists(note) ? std::optional(read(note)) : std::nullopt;
}

bool says_versions(const fs::path& fixture) {
  return note_beside(fixture).value_or(read(fixture)).substr(0, 200).find("from=") !=
         std::string::npos;
}

std::vector<fs::path> all_fixtures() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(kFixtures)) {
    if (!entry.is_regular_file() || !is_fixture(entry.path())) continue;
    const bool is_python = entry.path().extension() == ".py";
    // Other files of a project may be there to be read only.
    if (is_python || says_versions(entry.path())) found.push_back(entry.path());
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

/// "12: a, b" for each line that has a finding.
std::vector<Mark> marks_in_note(const std::string& note) {
  std::vector<Mark> marks;
  std::istringstream in(note);
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    const auto number = static_cast<std::uint32_t>(std::stoul(line));
    for (auto& name : names_in(line.substr(line.find(':') + 1))) {
      marks.emplace_back(number, std::move(name));
    }
  }
  std::ranges::sort(marks);
  return marks;
}

/// "# expect: a, b" at the end of the line; "# expect-next: a" on the line above. Scripts have
/// "//" for "#".
std::vector<Mark> marks_in(const SourceFile& file) {
  std::vector<Mark> marks;
  for (std::uint32_t number = 1; number <= file.line_count(); ++number) {
    const std::string_view line = file.slice(file.line(number));
    for (const auto& [word, offset] :
         {std::pair<std::string_view, int>{" expect: ", 0}, {" expect-next: ", 1}}) {
      const auto at = line.find(word);
      if (at == std::string_view::npos) continue;
      std::string_view list = line.substr(at + word.size());
      list = list.substr(0, list.find(" -->"));
      for (auto& name : names_in(list)) {
        marks.emplace_back(number + offset, std::move(name));
      }
    }
  }
  std::ranges::sort(marks);
  return marks;
}

bool has_marks(const fs::path& fixture) {
  const auto note = note_beside(fixture);
  return note && !marks_in_note(*note).empty();
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
  for (const auto& [name, text] : others) {
    const FileKind kind = kind_of(name, text);
    if (kind != FileKind::python) project->facts.add(file_facts(kind, name, text));
  }
  for (const auto& [name, text] : texts) {
    if (kind_of(name, text) != FileKind::python) continue;
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
        file_(*decode_file(path_in_project(path), read(path))),
        note_(note_beside(path)),
        project_(project_of(path)),
        rules_(*RuleSet::select(book, version("from"), version("to"), selection())),
        analysis_(analyze(file_, rules_, *project_)) {}

  void check() const {
    check_findings();
    check_safety();
    check_subsets();
    const std::string safe = fixed(Safety::safe);
    const std::string unsafe = fixed(Safety::unsafe);
    check_sibling(".fixed", safe == file_.text() ? "" : encoded(safe));
    check_sibling(".unsafe-fixed", unsafe == safe ? "" : encoded(unsafe));
  }

 private:
  Version version(std::string_view key) const {
    const auto version = parse_version(directive(note_ ? *note_ : file_.text(), key));
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
    const std::vector<Mark> expected = note_ ? marks_in_note(*note_) : marks_in(file_);
    INFO("found:" << shown(found) << "\nexpected:" << shown(expected));
    CHECK(found == expected);
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
      check_parses(text);
    }
  }

  /// Python parses; other files have as many items and comments as before.
  void check_parses(const std::string& text) const {
    const FileKind kind = kind_of(file_.path(), text);
    if (kind == FileKind::python || kind == FileKind::notebook) {
      const SourceFile fixed = SourceFile::from_utf8(file_.path(), text);
      REQUIRE(analyze(fixed, rules_, *project_).parses);
      return;
    }
    const FileItems before = items_of(file_.text(), kind, file_.path());
    const FileItems after = items_of(text, kind, file_.path());
    REQUIRE(before.items.size() == after.items.size());
    REQUIRE(before.comments.size() == after.comments.size());
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
    sibling.replace_extension(ending + path_.extension().string());
    if (updating() && bytes.empty()) fs::remove(sibling);
    if (updating() && !bytes.empty()) std::ofstream(sibling, std::ios::binary) << bytes;
    INFO(sibling.filename());
    CHECK(fs::exists(sibling) == !bytes.empty());
    if (fs::exists(sibling)) CHECK(read(sibling) == bytes);
  }

  const RuleBook& book_;
  fs::path path_;
  SourceFile file_;
  std::optional<std::string> note_;
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
    const std::string text = note_beside(path).value_or(read(path));
    INFO(path.lexically_relative(kFixtures).generic_string());
    REQUIRE(book->find(rule));
    ++all[rule];
    const bool ok = path.filename().string().starts_with("ok_");
    silent[rule] += ok;
    if (project_folder(path).empty()) {
      const bool is_marked =
          text.contains(" expect: ") || text.contains(" expect-next: ") || has_marks(path);
      CHECK(ok != is_marked);
    }
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
    const fs::path fixture =
        entry.path().stem().stem().string() + entry.path().extension().string();
    INFO(entry.path().filename());
    CHECK(fs::exists(entry.path().parent_path() / fixture));
  }
}

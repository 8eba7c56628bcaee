#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

#include "report/myers.hpp"
#include "report/report.hpp"
#include "support/catch.hpp"

namespace dagfix {
namespace {

namespace fs = std::filesystem;

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "dagfix-diff-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { fs::remove_all(path_); }

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void write_file(const fs::path& path, std::string_view bytes) {
  fs::create_directories(path.parent_path());
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  REQUIRE(out.flush().good());
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in.good());
  return {std::istreambuf_iterator<char>(in), {}};
}

// The file at `path` with `before` in it after `program` took the diff.
std::string patched(std::string_view program, const std::string& path, std::string_view before,
                    std::string_view diff) {
  const TemporaryFolder folder;
  write_file(folder.path() / "tree" / path, before);
  write_file(folder.path() / "change.diff", diff);
  const std::string command = "cd '" + (folder.path() / "tree").string() +
                              "' && GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null " +
                              std::string(program) + " ../change.diff >../log 2>&1";
  INFO(command << "\n" << diff);
  const int status = std::system(command.c_str());
  INFO(read_file(folder.path() / "log"));
  CHECK(status == 0);
  return read_file(folder.path() / "tree" / path);
}

void check_applies(const std::string& path, std::string_view before, std::string_view after) {
  const std::string diff = unified_diff(path, before, after);
  CHECK(patched("git apply --whitespace=nowarn", path, before, diff) == after);
  CHECK(patched("patch --batch --strip=1 --fuzz=0 --input", path, before, diff) == after);
}

std::string numbered(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += std::to_string(i) + '\n';
  return text;
}

std::vector<std::string_view> lines_of(std::string_view letters) {
  std::vector<std::string_view> lines;
  lines.reserve(letters.size());
  for (std::size_t i = 0; i < letters.size(); ++i) lines.push_back(letters.substr(i, 1));
  return lines;
}

std::size_t cost(const std::vector<LineChange>& changes) {
  std::size_t sum = 0;
  for (const auto& change : changes) {
    sum += change.before_end - change.before_begin + change.after_end - change.after_begin;
  }
  return sum;
}

// By the textbook: lengths of both minus twice the longest common subsequence.
std::size_t least_cost(std::string_view before, std::string_view after) {
  std::vector<std::size_t> row(after.size() + 1);
  for (const char c : before) {
    std::size_t diagonal = 0;
    for (std::size_t j = 1; j <= after.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = c == after[j - 1] ? diagonal + 1 : std::max(row[j], row[j - 1]);
      diagonal = above;
    }
  }
  return before.size() + after.size() - 2 * row[after.size()];
}

std::string applied(std::string_view before, std::string_view after,
                    const std::vector<LineChange>& changes) {
  std::string result;
  std::size_t done = 0;
  for (const auto& change : changes) {
    result += before.substr(done, change.before_begin - done);
    CHECK(result.size() == change.after_begin);
    result += after.substr(change.after_begin, change.after_end - change.after_begin);
    done = change.before_end;
  }
  return result.append(before.substr(done));
}

}  // namespace

TEST_CASE("Diff: equal texts have none") {
  CHECK(unified_diff("a.py", "", "").empty());
  CHECK(unified_diff("a.py", "a\nb", "a\nb").empty());
}

TEST_CASE("Diff: hunks have three lines of context") {
  std::string after = numbered(1, 30);
  after.replace(after.find("\n10\n"), 4, "\nten\nand more\n");
  after.replace(after.find("\n17\n"), 4, "\n");
  after.replace(after.find("\n27\n"), 4, "\n27.0\n");
  CHECK(unified_diff("dags/a.py", numbered(1, 30), after) ==
        "--- a/dags/a.py\n+++ b/dags/a.py\n"
        "@@ -7,14 +7,14 @@\n 7\n 8\n 9\n-10\n+ten\n+and more\n 11\n 12\n 13\n 14\n 15\n 16\n-17\n"
        " 18\n 19\n 20\n"
        "@@ -24,7 +24,7 @@\n 24\n 25\n 26\n-27\n+27.0\n 28\n 29\n 30\n");
  check_applies("dags/a.py", numbered(1, 30), after);
}

TEST_CASE("Diff: line ends are kept") {
  CHECK(unified_diff("a.py", "a\r\nb\r\n", "a\r\nc\r\n") ==
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n");
  check_applies("a.py", "a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n");
  check_applies("a.py", "a\r\nb\nc\r\n", "a\r\nB\nc\r\nd\n");
  check_applies("a.py", "a\rb\rc", "a\rB\rc");
}

TEST_CASE("Diff: a missing final newline is said") {
  CHECK(unified_diff("a.py", "a\nb", "a\nc") ==
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+c\n"
        "\\ No newline at end of file\n");
  CHECK(unified_diff("a.py", "a\nb", "c\nb") ==
        "--- a/a.py\n+++ b/a.py\n@@ -1,2 +1,2 @@\n-a\n+c\n b\n\\ No newline at end of file\n");
  check_applies("a.py", "a\nb", "a\nc");
  check_applies("a.py", "a\nb", "c\nb");
  check_applies("a.py", "a\nb", "a\nb\n");
  check_applies("a.py", "a\nb\n", "a\nb");
  check_applies("a.py", "a", "b");
}

TEST_CASE("Diff: changes at both ends of a file") {
  check_applies("a.py", numbered(1, 9), "0\n" + numbered(1, 9));
  check_applies("a.py", numbered(1, 9), numbered(2, 9));
  check_applies("a.py", numbered(1, 9), numbered(1, 10));
  check_applies("a.py", numbered(1, 9), numbered(1, 8));
}

TEST_CASE("Diff: bytes that are not UTF-8 are passed through") {
  check_applies("a.py",
                "a\nstra\xdf"
                "e\n",
                "a\nstra\xdf"
                "en\n");
}

TEST_CASE("Diff: paths with special characters") {
  const std::string path =
      GENERATE("my dag.py", "tab\there.py", "new\nline.py", "quo\"te.py", "back\\slash.py",
               "\xc3\xbcml\xc3\xa4ut \xf0\x9f\x9a\x80.py", "latin\xfc.py", "a b/c d/e f.py",
               "-dash.py", "a'b.py", "%20 %41.py", " lead.py", "bell\x07.py");
  INFO(path);
  check_applies(path, "a\nb\n", "a\nc\n");
}

TEST_CASE("Diff: names are quoted as git does") {
  const auto header = [](std::string_view path) {
    const std::string diff = unified_diff(path, "a", "b");
    return diff.substr(0, diff.find('\n'));
  };
  CHECK(header("a b.py") == "--- a/a b.py\t");
  CHECK(header("\xc3\xbc \"x\"\\\t\x01.py") == R"(--- "a/\303\274 \"x\"\\\t\001.py")");
}

TEST_CASE("Diff: paths stay below the folder that it is applied in") {
  const auto header = [](std::string_view path) {
    const std::string diff = unified_diff(path, "a", "b");
    return diff.substr(0, diff.find('\n'));
  };
  CHECK(header("./a.py") == "--- a/a.py");
  CHECK(header("../x/a.py") == "--- a/x/a.py");
  CHECK(header("/x/a.py") == "--- a/x/a.py");
  CHECK(header("x/../../../a.py") == "--- a/a.py");
}

TEST_CASE("Diff: as small as possible for any texts") {
  std::mt19937 random(20240711);
  for (int round = 0; round < 3000; ++round) {
    const auto letters = [&] {
      std::string text(random() % 20, 'a');
      for (char& c : text) c = static_cast<char>('a' + random() % 4);
      return text;
    };
    const std::string before = letters();
    const std::string after = letters();
    INFO(before << " -> " << after);
    const auto changes = diff_lines(lines_of(before), lines_of(after));
    CHECK(applied(before, after, changes) == after);
    CHECK(cost(changes) == least_cost(before, after));
    for (std::size_t i = 1; i < changes.size(); ++i) {
      CHECK(changes[i - 1].before_end < changes[i].before_begin);
    }
  }
}

TEST_CASE("Diff: texts with nothing in common") {
  std::mt19937 random(1);
  std::string before(6'000, 'a');
  std::string after(6'000, 'a');
  for (char& c : before) c = static_cast<char>('a' + random() % 26);
  for (char& c : after) c = static_cast<char>('a' + random() % 26);
  CHECK(applied(before, after, diff_lines(lines_of(before), lines_of(after))) == after);
  CHECK(cost(diff_lines(lines_of(std::string(5'000, 'a')), lines_of(std::string(4'000, 'b')))) ==
        9'000);
}

TEST_CASE("Diff: a huge file with few changes") {
  std::string before = numbered(1, 1'500'000);
  std::string after = "import x\n" + before + "end\n";
  after.replace(after.find("\n750000\n"), 8, "\nchanged\n");
  const std::string diff = unified_diff("a.py", before, after);
  CHECK(diff.size() < 500);
  CHECK(diff.find("-750000\n+changed\n") != std::string::npos);
}

TEST_CASE("Diff: colours") {
  CHECK(color_diff("--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n--- b\n+++ c\n \x1b[2J\td\n") ==
        "\x1b[1m--- a/x\x1b[0m\n\x1b[1m+++ b/x\x1b[0m\n\x1b[36m@@ -1,3 +1,3 @@\x1b[0m\n a\n"
        "\x1b[31m--- b\x1b[0m\n\x1b[32m+++ c\x1b[0m\n \\x1b[2J\td\n");
}

}  // namespace dagfix

#include "cli/walk.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "cli/git.hpp"
#include "cli/gitignore.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"

using namespace dagfix;
using namespace std::string_literals;

namespace {

namespace fs = std::filesystem;
using Paths = std::vector<std::string>;

CollectedFiles collect(const Paths& paths, const WalkOptions& options = {}) {
  return collect_files(paths, options);
}

// The files that are found in a folder, relative to it.
Paths found_in(const TempFolder& folder, const WalkOptions& options = {}) {
  const CollectedFiles result = collect({folder.path()}, options);
  for (const PathMessage& failure : result.failures) {
    FAIL_CHECK(failure.path << ": " << failure.message);
  }
  Paths names;
  for (const std::string& file : result.files)
    names.push_back(file.substr(folder.path().size() + 1));
  return names;
}

void write_all(const TempFolder& folder, const Paths& names) {
  for (const std::string& name : names) folder.write(name);
}

// What makes git take a folder for a work tree.
void make_work_tree(const TempFolder& folder, const std::string& name = ".git") {
  folder.write(name + "/HEAD", "ref: refs/heads/main\n");
  fs::create_directories(folder.path(name + "/objects"));
  fs::create_directories(folder.path(name + "/refs"));
}

// Changes the current folder while it lives.
class InFolder {
 public:
  explicit InFolder(const std::string& path) : old_(fs::current_path()) { fs::current_path(path); }
  InFolder(const InFolder&) = delete;
  InFolder& operator=(const InFolder&) = delete;
  ~InFolder() { fs::current_path(old_); }

 private:
  fs::path old_;
};

// Output of a shell command; nothing if it fails.
std::optional<std::string> output_of(const std::string& command) {
  std::FILE* const pipe = ::popen(command.c_str(), "r");
  if (!pipe) return std::nullopt;
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  if (!WIFEXITED(status) || WEXITSTATUS(status) > 1) return std::nullopt;
  return output;
}

// The paths among `names` that git ignores in a folder; nothing if there is no git.
std::optional<std::set<std::string>> ignored_by_git(const TempFolder& folder, const Paths& names) {
  const TempFolder other;
  std::string list;
  for (const std::string& name : names) list += name + '\0';
  const std::string clean =
      "env -u GIT_DIR -u GIT_WORK_TREE GIT_CONFIG_GLOBAL=/dev/null "
      "GIT_CONFIG_NOSYSTEM=1 git -C '" +
      folder.path() + "' ";
  if (!output_of(clean + "init -q . 2>/dev/null")) return std::nullopt;
  const auto output =
      output_of(clean + "-c core.excludesFile=/dev/null check-ignore --no-index --stdin -z <'" +
                other.write("list", list) + "'");
  if (!output) return std::nullopt;
  std::set<std::string> ignored;
  for (std::size_t at = 0; at < output->size(); at = output->find('\0', at) + 1) {
    ignored.insert(output->c_str() + at);
  }
  return ignored;
}

}  // namespace

TEST_CASE("Walk: Python files come sorted by their bytes") {
  const TempFolder folder;
  write_all(folder, {"b.py", "a/z.py", "a-b/c.py", "B.py", "\xff.py", "é.py", "a/readme.md",
                     "x.pyw", "x.pyc", "noext", ".hidden.py", ".hidden/a.py"});
  CHECK(found_in(folder) == Paths{".hidden.py", ".hidden/a.py", "B.py", "a-b/c.py", "a/z.py",
                                  "b.py", "é.py", "\xff.py"});
}

TEST_CASE("Walk: files of all kinds are found, generated ones are not") {
  const TempFolder folder;
  const Paths read = {".env",   "App.vue", "Dockerfile", "Dockerfile.gpu", "a.ipynb",
                      "dag.py", "main.ts", "run.sh",     "values.yaml"};
  write_all(folder, read);
  write_all(folder, {"README.md", "Makefile", "a.txt", "package-lock.json", "vue.min.js",
                     "node_modules/x/index.js"});
  CHECK(found_in(folder) == read);
  WalkOptions options;
  options.excludes = {"*", "!*/", "!*.py"};
  options.exclude_root = folder.path();
  CHECK(found_in(folder, options) == Paths{"dag.py"});
}

TEST_CASE("Walk: paths look as they were given") {
  const TempFolder folder;
  write_all(folder, {"dags/a.py", "dags/sub/b.py"});
  const InFolder here(folder.path());
  CHECK(collect({"."}).files == Paths{"dags/a.py", "dags/sub/b.py"});
  CHECK(collect({"./"}).files == Paths{"dags/a.py", "dags/sub/b.py"});
  CHECK(collect({"dags"}).files == Paths{"dags/a.py", "dags/sub/b.py"});
  CHECK(collect({"dags/"}).files == Paths{"dags/a.py", "dags/sub/b.py"});
  CHECK(collect({"./dags/a.py"}).files == Paths{"./dags/a.py"});
  CHECK(collect({"dags/../dags/sub"}).files == Paths{"dags/../dags/sub/b.py"});
  CHECK(collect({folder.path("dags/sub")}).files == Paths{folder.path("dags/sub/b.py")});
}

TEST_CASE("Walk: a path that is given is taken whatever it is called and whoever ignores it") {
  const TempFolder folder;
  make_work_tree(folder);
  folder.write(".gitignore", "*\n");
  folder.write(".airflowignore", ".*\n");
  write_all(folder, {"script", "node_modules/a.py", "venv/pyvenv.cfg", "venv/b.py"});
  const Paths given = {folder.path("script"), folder.path("node_modules/a.py")};
  Paths sorted = given;
  std::ranges::sort(sorted);
  WalkOptions options;
  options.excludes = {"script"};
  CHECK(collect(given, options).files == sorted);
  CHECK(found_in(folder).empty());
}

TEST_CASE("Walk: an environment or ignored folder that is given is walked") {
  const TempFolder folder;
  folder.write(".gitignore", "build/\n");
  make_work_tree(folder);
  write_all(folder, {"build/a.py", "venv/pyvenv.cfg", "venv/b.py", "node_modules/c.py"});
  CHECK(collect({folder.path("build")}).files == Paths{folder.path("build/a.py")});
  CHECK(collect({folder.path("venv")}).files == Paths{folder.path("venv/b.py")});
  CHECK(collect({folder.path("node_modules")}).files == Paths{folder.path("node_modules/c.py")});
  CHECK(found_in(folder).empty());
}

TEST_CASE("Walk: environments, caches and version control are left out") {
  const TempFolder folder;
  write_all(folder, {"env/pyvenv.cfg", "env/lib/a.py", "conda/conda-meta/history", "conda/a.py",
                     ".git/a.py", ".hg/a.py", ".svn/a.py", ".tox/a.py", ".nox/a.py",
                     "a/__pycache__/a.py", "a/node_modules/a.py", "lib/site-packages/a.py",
                     "a/.ipynb_checkpoints/a.py", "kept/node_modules.py", "kept/git/a.py"});
  CHECK(found_in(folder) == Paths{"kept/git/a.py", "kept/node_modules.py"});
}

TEST_CASE("Walk: each file is listed once") {
  const TempFolder folder;
  write_all(folder, {"dags/a.py", "dags/sub/b.py"});
  fs::create_symlink("sub/b.py", folder.path("dags/a_link.py"));
  fs::create_symlink("../other.py", folder.path("dags/one.py"));
  fs::create_symlink("../other.py", folder.path("dags/two.py"));
  folder.write("other.py");
  const InFolder here(folder.path());
  CHECK(collect({"dags"}).files == Paths{"dags/a.py", "dags/one.py", "dags/sub/b.py"});
  CHECK(collect({"dags", "dags/sub", "./dags", "dags/a.py", "dags/a.py"}).files ==
        Paths{"dags/a.py", "dags/one.py", "dags/sub/b.py"});
  CHECK(collect({"./dags/sub", "dags"}).files ==
        Paths{"./dags/sub/b.py", "dags/a.py", "dags/one.py"});
  CHECK(collect({"."}).files == Paths{"dags/a.py", "dags/sub/b.py", "other.py"});
  CHECK(collect({"dags/two.py", "dags/one.py"}).files == Paths{"dags/two.py"});
}

TEST_CASE("Walk: symbolic links to folders are not followed, but may be given") {
  const TempFolder folder;
  write_all(folder, {"real/a.py"});
  fs::create_directory_symlink("real", folder.path("link"));
  fs::create_directory_symlink(".", folder.path("real/loop"));
  fs::create_directory_symlink("real", folder.path("folder.py"));
  CHECK(found_in(folder) == Paths{"real/a.py"});
  CHECK(collect({folder.path("link")}).files == Paths{folder.path("link/a.py")});
  CHECK(collect({folder.path("link"), folder.path("real")}).files ==
        Paths{folder.path("link/a.py")});
}

TEST_CASE("Walk: what cannot be read is said, and the rest is found") {
  const TempFolder folder;
  folder.write("a.py");
  fs::create_symlink("missing", folder.path("dangling.py"));
  fs::create_symlink("loop.py", folder.path("loop.py"));
  fs::create_symlink("missing", folder.path("dangling.txt"));
  REQUIRE(::mkfifo(folder.path("pipe.py").c_str(), 0600) == 0);
  const CollectedFiles result = collect({folder.path(), folder.path("none"), folder.path("pipe.py"),
                                         "/dev/null", folder.path("none")});
  CHECK(result.files == Paths{folder.path("a.py")});
  CHECK(result.failures ==
        std::vector<PathMessage>{{"/dev/null", "is a device, not a file"},
                                 {folder.path("dangling.py"), "dangling symbolic link"},
                                 {folder.path("loop.py"), "symbolic link that leads to itself"},
                                 {folder.path("none"), "no such file or folder"},
                                 {folder.path("pipe.py"), "is a named pipe, not a file"}});
}

TEST_CASE("Walk: a folder without permission is said") {
  const TempFolder folder;
  write_all(folder, {"a.py", "locked/b.py"});
  REQUIRE(::chmod(folder.path("locked").c_str(), 0) == 0);
  const CollectedFiles result = collect({folder.path()});
  REQUIRE(::chmod(folder.path("locked").c_str(), 0700) == 0);
  if (::geteuid() == 0) {
    WARN("root may list everything: only that is tested");
    CHECK(result.files == Paths{folder.path("a.py"), folder.path("locked/b.py")});
  } else {
    CHECK(result.files == Paths{folder.path("a.py")});
    CHECK(result.failures ==
          std::vector<PathMessage>{{folder.path("locked"), "no permission to list it"}});
  }
}

TEST_CASE("Walk: .gitignore files of all folders of the work tree apply") {
  const TempFolder folder;
  make_work_tree(folder);
  folder.write(".git/info/exclude", "excluded.py\nkept_again.py\n");
  folder.write(".gitignore", "/build/\n*_gen.py\n!kept_again.py\n/dags/anchored.py\n");
  folder.write("dags/.gitignore", "!special_gen.py\nlocal.py\n/sub/x.py\n");
  write_all(folder, {"build/a.py", "dags/build/a.py", "dags/a_gen.py", "dags/special_gen.py",
                     "special_gen.py", "excluded.py", "kept_again.py", "local.py", "dags/local.py",
                     "dags/sub/local.py", "dags/sub/x.py", "x.py", "dags/anchored.py"});
  CHECK(found_in(folder) ==
        Paths{"dags/build/a.py", "dags/special_gen.py", "kept_again.py", "local.py", "x.py"});
  CHECK(collect({folder.path("dags")}).files ==
        Paths{folder.path("dags/build/a.py"), folder.path("dags/special_gen.py")});
  CHECK(collect({folder.path("dags/sub")}).files.empty());
}

TEST_CASE("Walk: outside of a work tree only .gitignore files in the walked folder apply") {
  const TempFolder folder;
  folder.write(".gitignore", "a.py\n");
  folder.write("dags/.gitignore", "b.py\n");
  write_all(folder, {"a.py", "dags/a.py", "dags/b.py", "dags/c.py"});
  CHECK(found_in(folder) == Paths{"dags/c.py"});
  CHECK(collect({folder.path("dags")}).files ==
        Paths{folder.path("dags/a.py"), folder.path("dags/c.py")});
}

TEST_CASE("Walk: a repository in a repository has rules of its own") {
  const TempFolder folder;
  make_work_tree(folder);
  folder.write(".gitignore", "a.py\n");
  make_work_tree(folder, "nested/.git");
  folder.write("nested/.gitignore", "b.py\n");
  folder.write("linked/.git", "gitdir: ../.git/worktrees/linked\n");
  folder.write(".git/worktrees/linked/commondir", "../..\n");
  folder.write(".git/info/exclude", "c.py\n");
  folder.write("empty/.git/nothing", "");
  for (const std::string name : {"", "nested/", "linked/", "empty/"}) {
    write_all(folder, {name + "a.py", name + "b.py", name + "c.py"});
  }
  CHECK(found_in(folder) ==
        Paths{"b.py", "empty/b.py", "linked/a.py", "linked/b.py", "nested/a.py", "nested/c.py"});
  CHECK(find_git_work_tree(folder.path("empty")).value().root == folder.path());
  CHECK(find_git_work_tree(folder.path("nested")).value().root == folder.path("nested"));
  CHECK(find_git_work_tree(folder.path("linked")).value().exclude_file ==
        folder.path("linked/../.git/worktrees/linked/../../info/exclude"));
}

TEST_CASE("Walk: .airflowignore holds regular expressions, relative to the DAG folder") {
  const TempFolder folder;
  folder.write("dags/.airflowignore",
               "# comment\n\nproject_a\ntenant_[\\d]  # and more\r\n^top\\.py$\nsub/x\n");
  folder.write("dags/sub/.airflowignore", "^sub/y\n^z\n");
  write_all(folder, {"dags/project_a.py", "dags/my_project_a/x.py", "dags/tenant_1.py",
                     "dags/tenant_x.py", "dags/top.py", "dags/sub/top.py", "dags/sub/x1.py",
                     "dags/sub/y1.py", "dags/sub/z1.py", "dags/comment.py", "project_a.py"});
  const Paths expected = {"dags/comment.py", "dags/sub/top.py", "dags/sub/z1.py",
                          "dags/tenant_x.py", "project_a.py"};
  CHECK(found_in(folder) == expected);
  WalkOptions options;
  options.airflowignore = AirflowIgnoreSyntax::regexp;
  CHECK(found_in(folder, options) == expected);
}

TEST_CASE("Walk: .airflowignore above the walked folder applies in a work tree") {
  const TempFolder folder;
  make_work_tree(folder);
  folder.write("dags/.airflowignore", "^sub/x\n");
  write_all(folder, {"dags/sub/x.py", "dags/sub/y.py"});
  CHECK(collect({folder.path("dags/sub")}).files == Paths{folder.path("dags/sub/y.py")});
}

TEST_CASE("Walk: .airflowignore may hold globs") {
  const TempFolder folder;
  const auto files = {"a.py", "b.py", "keep_b.py", "sub/a.py", "sub/deep/c.py", "c.py"};
  for (const char* name : files) folder.write(name);
  WalkOptions automatic;
  WalkOptions glob;
  glob.airflowignore = AirflowIgnoreSyntax::glob;

  folder.write(".airflowignore", "*b.py\n!keep_b.py # kept\nsub/**/c.py\n/a.py\n");
  CHECK(found_in(folder, automatic) == Paths{"c.py", "keep_b.py", "sub/a.py"});
  CHECK(found_in(folder, glob) == Paths{"c.py", "keep_b.py", "sub/a.py"});

  // As a regular expression this is found in more names than as a glob.
  folder.write(".airflowignore", "b.py\n");
  CHECK(found_in(folder, automatic) == Paths{"a.py", "c.py", "sub/a.py", "sub/deep/c.py"});
  CHECK(found_in(folder, glob) == Paths{"a.py", "c.py", "keep_b.py", "sub/a.py", "sub/deep/c.py"});
}

TEST_CASE("Walk: invalid regular expressions in .airflowignore are said and have no effect") {
  const TempFolder folder;
  folder.write(".airflowignore", "a\n(b\n(?!x)c\n");
  write_all(folder, {"a.py", "b.py", "c.py"});
  WalkOptions options;
  options.airflowignore = AirflowIgnoreSyntax::regexp;
  const CollectedFiles result = collect({folder.path()}, options);
  CHECK(result.files == Paths{folder.path("b.py"), folder.path("c.py")});
  CHECK(result.failures.empty());
  CHECK(result.warnings ==
        std::vector<PathMessage>{
            {folder.path(".airflowignore"),
             "line 2: invalid regular expression \"(b\" has no effect: missing ): (b"},
            {folder.path(".airflowignore"),
             "line 3: invalid regular expression \"(?!x)c\" has no effect: invalid perl operator: "
             "(?!"}});
}

TEST_CASE("Walk: an expression that backtracking engines never finish") {
  const TempFolder folder;
  folder.write(".airflowignore", "(a+)+$x\n(a|a)*b$\n");
  const std::string name = std::string(200, 'a') + ".py";
  folder.write(name);
  CHECK(found_in(folder) == Paths{name});
}

TEST_CASE("Walk: exclude patterns are relative to the exclude root") {
  const TempFolder folder;
  write_all(folder,
            {"dags/tests/a.py", "dags/b.py", "tests/c.py", "dags/gen_d.py", "dags/sub/b.py"});
  const TempFolder other;
  write_all(other, {"dags/tests/a.py", "dags/b.py"});
  WalkOptions options;
  options.exclude_root = folder.path();
  options.excludes = {"dags/tests", "gen_*", "/dags/b.py"};
  CHECK(found_in(folder, options) == Paths{"dags/sub/b.py", "tests/c.py"});
  CHECK(collect({folder.path("dags")}, options).files == Paths{folder.path("dags/sub/b.py")});
  CHECK(found_in(other, options).empty());
  options.excludes = {"tests/"};
  CHECK(found_in(folder, options) == Paths{"dags/b.py", "dags/gen_d.py", "dags/sub/b.py"});
  options.exclude_root.clear();
  options.excludes = {"dags/tests"};
  const InFolder here(folder.path());
  CHECK(collect({"dags"}, options).files == Paths{"dags/b.py", "dags/gen_d.py", "dags/sub/b.py"});
}

TEST_CASE("Walk: the number of threads changes nothing") {
  const TempFolder folder;
  folder.write(".gitignore", "ignored*\n");
  for (int i = 0; i < 300; ++i) {
    const std::string name = "f" + std::to_string(i % 17) + "/g" + std::to_string(i) + "/";
    write_all(folder, {name + "a.py", name + "ignored.py"});
    if (i % 10 == 0) folder.write(name + ".gitignore", "a.py\n!ignored.py\n");
    if (i % 7 == 0) folder.write(name + ".airflowignore", "(invalid\n");
  }
  fs::create_symlink("f1/g1/a.py", folder.path("link.py"));
  WalkOptions options;
  options.airflowignore = AirflowIgnoreSyntax::regexp;
  const CollectedFiles one = collect({folder.path()}, options);
  CHECK(one.files.size() == 300);
  CHECK(one.warnings.size() == 43);
  for (const unsigned threads : {0u, 2u, 3u, 8u}) {
    options.threads = threads;
    const CollectedFiles many = collect({folder.path()}, options);
    CHECK(many.files == one.files);
    CHECK(many.warnings == one.warnings);
  }
}

TEST_CASE("Walk: very deep folders") {
  const TempFolder folder;
  std::string name;
  for (int i = 0; i < 1000; ++i) name += "d/";
  fs::create_directories(folder.path(name));
  folder.write(name + "a.py");
  CHECK(found_in(folder) == Paths{name + "a.py"});
}

TEST_CASE("Ignore: globs") {
  const auto matches = [](std::string_view glob, std::string_view path) {
    return glob_matches(glob, path);
  };
  CHECK(matches("", ""));
  CHECK_FALSE(matches("", "a"));
  CHECK(matches("a*c", "abc"));
  CHECK(matches("a*c", "ac"));
  CHECK(matches("a*c*e", "abcdcde"));
  CHECK_FALSE(matches("a*c", "a/c"));
  CHECK_FALSE(matches("a?c", "a/c"));
  CHECK_FALSE(matches("a[/]c", "a/c"));
  CHECK_FALSE(matches("a[!x]c", "a/c"));
  CHECK(matches("**/a", "a"));
  CHECK(matches("**/a", "x/y/a"));
  CHECK_FALSE(matches("**/a", "x/ya"));
  CHECK(matches("a/**", "a/b/c"));
  CHECK_FALSE(matches("a/**", "a"));
  CHECK(matches("a/**/b", "a/b"));
  CHECK(matches("a/**/b", "a/x/y/b"));
  CHECK(matches("a/**/b/**/c", "a/b/x/b/y/c"));
  CHECK(matches("**/b*/c", "a/b1/x/b2/c"));
  CHECK_FALSE(matches("a**b", "a/b"));
  CHECK(matches("[]-]", "]"));
  CHECK(matches("[a-c-e]", "-"));
  CHECK(matches("[[:digit:]_]x", "_x"));
  CHECK_FALSE(matches("[[:nope:]_]x", "_x"));
  CHECK(matches("\\*", "*"));
  CHECK_FALSE(matches("\\*", "a"));
  CHECK_FALSE(matches("[a", "a"));
  CHECK_FALSE(matches("a\\", "a"));
  CHECK_FALSE(matches("*a*a*a*a*a*a*a*a*b", std::string(5000, 'a')));
  CHECK_FALSE(matches("**/a/**/a/**/a/**/b", [] {
    std::string path;
    for (int i = 0; i < 2000; ++i) path += "a/";
    return path + "c";
  }()));
}

TEST_CASE("Ignore: every pattern means what it means to git") {
  const Paths patterns = {"a.py",
                          "/a.py",
                          "a",
                          "a/",
                          "/a/",
                          "a/b",
                          "a/b/",
                          "*/b",
                          "a/*",
                          "a/**",
                          "**/b",
                          "**/b/",
                          "a/**/c.py",
                          "**/a/**",
                          "**",
                          "*",
                          "*.py",
                          "/*.py",
                          "!*.py",
                          "*.py\n!a.py",
                          "*\n!a\n!a/c.py",
                          "*\n!*/\n!c.py",
                          "a/*\n!a/b/",
                          "/*\n!/a",
                          "?.py",
                          "[ab].py",
                          "[!ab].py",
                          "[^a-b].py",
                          "[a-].py",
                          "[]a].py",
                          "[[:alpha:]].py",
                          "[[:upper:]]*.py",
                          "[[:foo:]]*.py",
                          "[a",
                          "\\a.py",
                          "\\!x.py",
                          "!x.py",
                          "#x.py",
                          "\\#x.py",
                          "a.py ",
                          "a.py\\ ",
                          " a.py",
                          "a.py\t",
                          "x y.py",
                          "\xef\xbb\xbf"
                          "a.py",
                          "a.py\r\nc.py\r\n",
                          "a.py\n\n\nc.py",
                          "/",
                          "//",
                          "!",
                          "!/",
                          "**/",
                          "/**",
                          "a**",
                          "**a.py",
                          "***/c.py",
                          "a/***",
                          "b/**/",
                          "*b*",
                          "*.p?",
                          "a/b/*.py",
                          "/**/c.py",
                          "a//b",
                          "./a.py",
                          "a/../c.py",
                          "\\",
                          "a\\",
                          "*\\*.py",
                          "[\\a].py",
                          "[b-a].py",
                          "a/b\n!a/b/c.py",
                          "*c*\n!*.py\na",
                          "A.PY",
                          "a/[b]/c.py",
                          "a[/]b",
                          "a?b",
                          "?",
                          "[*].py",
                          "\\*.py",
                          "{a,c}.py",
                          "a.py/",
                          "a/b/c.py/",
                          "**/**/c.py",
                          "a/**/**/c.py",
                          "x*y*z.py",
                          "é.py"};
  const Paths names = {"a.py",
                       "c.py",
                       "A.py",
                       "ab.py",
                       "a/a.py",
                       "a/c.py",
                       "a/b/a.py",
                       "a/b/c.py",
                       "a/b/d/c.py",
                       "b/c.py",
                       "b/a/c.py",
                       "b/a.py/c.py",
                       "!x.py",
                       "#x.py",
                       " a.py",
                       "a.py .py",
                       "x y.py",
                       "x/y/z.py",
                       "xyyz.py",
                       "*.py",
                       "].py",
                       "-.py",
                       "\\.py",
                       "é.py",
                       "\xef\xbb\xbf"
                       "a.py",
                       "{a,c}.py",
                       "1.py"};
  const TempFolder folder;
  Paths all;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::string prefix = "p" + std::to_string(i) + "/";
    folder.write(prefix + ".gitignore", patterns[i]);
    for (const std::string& name : names) {
      // `a.py` cannot be a file and a folder in one place.
      all.push_back(prefix + (name == "b/a.py/c.py" ? "q/" : "") + name);
      folder.write(all.back());
    }
  }
  const auto ignored = ignored_by_git(folder, all);
  if (!ignored) {
    WARN("no git here: not tested");
    return;
  }
  CHECK(ignored->size() > 500);
  const Paths walked = found_in(folder);
  const std::set<std::string> found(walked.begin(), walked.end());
  for (const std::string& name : all) {
    INFO("pattern " << patterns[std::stoul(name.substr(1))]);
    INFO("path " << name);
    CHECK(found.contains(name) != ignored->contains(name));
  }
}

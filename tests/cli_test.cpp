#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "cli/doctor_options.hpp"
#include "cli/settings.hpp"
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

namespace {

// Python's pty module stands for a terminal. $TERM is not set in Shell.
ShellResult on_terminal(const TempFolder& folder, const std::string& command) {
  const Shell shell;
  return shell.run(folder.path(),
                   "export TERM=xterm\npython3 -c 'import os, pty, sys\n"
                   "sys.exit(os.waitstatus_to_exitcode(pty.spawn([\"sh\", \"-c\", "
                   "sys.argv[1]])))' '" +
                       command + "'\n");
}

constexpr std::string_view kOld =
    "from site_operators import Reader\n\nscan = Reader(dag=dag, path=\"a\")\n";

}  // namespace

TEST_CASE("Command line: colours on a terminal only, and not against the user's will") {
  const TempFolder folder;
  folder.write("a.py", kOld);
  const auto is_colored = [](const ShellResult& result) {
    CHECK(result.exit_code == 1);
    CHECK_FALSE(result.out.empty());
    return result.out.find("\x1b[") != std::string::npos;
  };
  CHECK(is_colored(on_terminal(folder, "dagfix $SITE a.py")));
  CHECK(is_colored(on_terminal(folder, "dagfix $SITE --diff a.py")));
  CHECK(is_colored(on_terminal(folder, "NO_COLOR= dagfix $SITE a.py")));
  CHECK_FALSE(is_colored(on_terminal(folder, "dagfix $SITE --no-color a.py")));
  CHECK_FALSE(is_colored(on_terminal(folder, "NO_COLOR=1 dagfix $SITE a.py")));
  CHECK_FALSE(is_colored(on_terminal(folder, "TERM=dumb dagfix $SITE a.py")));
  CHECK_FALSE(is_colored(on_terminal(folder, "dagfix $SITE a.py | cat; exit 1")));
  CHECK_FALSE(
      is_colored(on_terminal(folder, "dagfix $SITE --quiet --output o a.py; cat o; exit 1")));
}

TEST_CASE("Command line: the same output with any number of threads") {
  const TempFolder folder;
  for (int i = 0; i < 200; ++i) {
    const std::string number = std::to_string(i);
    folder.write("dags/" + number + ".py", kOld);
    folder.write("ops/alias" + number + ".py",
                 "from site_operators import Reader as Reader" + number + "\n");
    folder.write("broken/" + number + ".py", "x = 1" + std::string(i % 2, '\0') + "\n");
  }
  const Shell shell;
  for (const char* const mode :
       {"--check --format json", "--diff", "--check --format concise --write-baseline b.json"}) {
    INFO(mode);
    const std::string command = std::string("dagfix $SITE ") + mode;
    const ShellResult one = shell.run(folder.path(), command + " --jobs 1");
    const ShellResult many = shell.run(folder.path(), command + " --jobs 8");
    CHECK(one.exit_code == 2);
    CHECK(one.out == many.out);
    CHECK(one.err == many.err);
    CHECK(many.exit_code == one.exit_code);
  }
  const ShellResult applied = shell.run(folder.path(),
                                        "cp -r dags one && cp -r dags many\n"
                                        "dagfix $SITE --apply --quiet --jobs 1 one\n"
                                        "dagfix $SITE --apply --quiet --jobs 8 many\n"
                                        "diff -r one many && diff -rq one dags | wc -l\n");
  CHECK(applied.out == "200\n");
}

TEST_CASE("Command line: what may not be read is told, the rest is done") {
  const TempFolder folder;
  const Shell shell;
  // Root may read everything: then somebody else has to try.
  const std::string as_user =
      ::geteuid() == 0 ? "setpriv --reuid=65534 --regid=65534 --clear-groups " : "";
  if (shell.run(folder.path(), as_user + "dagfix --version").exit_code != 0) {
    WARN("not tested: this is root, and dagfix cannot be run as another user");
    return;
  }
  folder.write("secret.py", kOld);
  folder.write("locked/b.py", kOld);
  folder.write("open.py", kOld);
  fs::permissions(folder.path(), fs::perms(0755));
  fs::permissions(folder.path("secret.py"), fs::perms(0000));
  fs::permissions(folder.path("locked"), fs::perms(0000));
  const ShellResult result =
      shell.run(folder.path(), as_user + "dagfix $SITE --format concise --quiet .");
  fs::permissions(folder.path("locked"), fs::perms(0755));
  CHECK(result.exit_code == 2);
  CHECK(result.out ==
        "open.py:3:24: SITE1 Reader(path=...) since 0.4.0: 'path' is called 'file'\n");
  CHECK(result.err ==
        "dagfix: locked: no permission to list it\n"
        "dagfix: secret.py: no permission to read it\n");
}

TEST_CASE("Command line: help and completions know the doctor") {
  const Shell shell;
  const TempFolder folder;
  const ShellResult help = shell.run(folder.path(), "dagfix doctor --help");
  CHECK(help.exit_code == 0);
  std::istringstream lines(help.out);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
  const auto offers = [&](const std::string& line, const std::string& word) {
    const ShellResult result = shell.run(
        folder.path(),
        "exec bash -c 'source <(dagfix completion bash); COMP_WORDS=(dagfix doctor " + line +
            "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _dagfix 2>/dev/null; "
            "printf \"%s\\n\" \"${COMPREPLY[@]}\"'");
    return ("\n" + result.out).contains("\n" + word + "\n");
  };
  for (const DoctorOption& option : doctor_options()) {
    const std::string name = "--" + std::string(option.name);
    INFO(name);
    CHECK(help.out.contains("\n  " + name + ' '));
    CHECK(offers(name, name));
    // Whatever the help names is taken: what is wrong then is the value, or nothing.
    const ShellResult result =
        shell.run(folder.path(), "dagfix doctor " + name + (option.value.empty() ? "" : " x") +
                                     " --bundle /nowhere");
    CHECK_FALSE(result.err.contains("unexpected"));
    for (const char* const syntax :
         {"zsh | grep -qF -e '--", "fish | grep -qF -e 'doctor'\\'' -l "}) {
      const std::string command =
          "dagfix completion " + std::string(syntax) + std::string(option.name) + "'";
      CHECK(shell.run(folder.path(), command).exit_code == 0);
    }
  }
  CHECK(offers("--guide kaapana-0.4", "kaapana-0.4-to-0.5"));
  CHECK(offers("--explain K05-5", "K05-5b"));
  CHECK(offers("--format m", "markdown"));
  CHECK(offers("--phase n", "nocluster"));
  CHECK(offers("--attest K05-N1", "K05-N1="));
  CHECK(offers("--attest K05-N1 = s", "skip"));
  CHECK(shell.run(folder.path(), "dagfix completion fish | grep -q K05-N1=skip").exit_code == 0);
}

TEST_CASE("Command line: help, completions and documents know every option") {
  const Shell shell;
  const TempFolder folder;
  const ShellResult help = shell.run(folder.path(), "dagfix --help");
  CHECK(help.exit_code == 0);
  std::istringstream lines(help.out);
  for (std::string line; std::getline(lines, line);) CHECK(line.size() <= 100);
  const std::string keys = read(fs::path(DAGFIX_SOURCE_DIR) / "docs" / "configuration.md");
  for (const OptionSpec& spec : option_specs()) {
    const std::string name(spec.name);
    INFO(name);
    CHECK((help.out.find("\n  --" + name + ' ') != std::string::npos));
    const auto offers = [&](const std::string& line, const std::string& word) {
      const ShellResult result =
          shell.run(folder.path(),
                    "exec bash -c 'source <(dagfix completion bash); COMP_WORDS=(dagfix " + line +
                        "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _dagfix 2>/dev/null; "
                        "printf \"%s\\n\" \"${COMPREPLY[@]}\"'");
      return ("\n" + result.out).find("\n" + word + "\n") != std::string::npos;
    };
    CHECK(offers("--" + name, "--" + name));
    CHECK((!spec.in_config || keys.find('`' + name + '`') != std::string::npos));
    for (const std::string_view choice : spec.choices) {
      CHECK(offers("--" + name + " \"\"", std::string(choice)));
    }
    for (const char* const syntax : {"zsh | grep -qF -e '--'", "fish | grep -qF -e '-l '"}) {
      const std::string command = std::string("dagfix completion ") + syntax + name;
      CHECK(shell.run(folder.path(), command).exit_code == 0);
    }
  }
}

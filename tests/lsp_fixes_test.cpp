#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "report/unicode.hpp"
#include "support/catch.hpp"
#include "support/lsp_workspace.hpp"
#include "support/shell.hpp"

// That the editor's fixes are those of the command line, also where that makes none.

namespace {

namespace fs = std::filesystem;
using namespace dagfix;
using namespace dagfix::test;

constexpr std::string_view kMark = "\xef\xbb\xbf";

/// All fixtures by path.
std::map<std::string, std::string> fixtures() {
  const fs::path root = fs::path(DAGFIX_SOURCE_DIR) / "fixtures";
  std::map<std::string, std::string> files;
  for (const char* const part : {"rules", "dags"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / part)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      files.emplace(fs::relative(entry.path(), root).string(),
                    std::string(std::istreambuf_iterator<char>(in), {}));
    }
  }
  return files;
}

/// What saving writes after "fix all" of an editor that keeps the byte order mark to itself.
std::string fixed_in_editor(Workspace& all, const std::string& name, std::string_view bytes) {
  const bool has_mark = bytes.starts_with(kMark);
  const std::string_view text = bytes.substr(has_mark ? kMark.size() : 0);
  all.client.received.clear();
  all.client.open(all.uri(name), text);
  const Json actions = all.actions(name, 0, 0, {{"only", {"source.fixAll"}}});
  std::string fixed(text);
  if (!actions.empty()) {
    fixed = applied(text, all.client.result("codeAction/resolve", actions.at(0)).at("edit"));
  }
  all.client.notify("textDocument/didClose", all.params(name));
  return std::string(has_mark ? kMark : "") + fixed;
}

}  // namespace

TEST_CASE("LSP: source.fixAll gives the bytes of --apply, for all fixtures") {
  const Shell shell;
  const auto files = fixtures();
  for (const char* const versions :
       {"from = \"0.1.3\"\nto = \"0.6.0\"\n", "from = \"0.3.5\"\nto = \"0.5.3\"\n"}) {
    Workspace all;
    const TempFolder applied_by_cli;
    for (const TempFolder* const folder : {&std::as_const(all.folder), &applied_by_cli}) {
      for (const auto& [name, bytes] : files) folder->write(name, bytes);
      folder->write("dagfix.toml", versions);
    }
    all.client.notify("workspace/didChangeWatchedFiles",
                      {{"changes", {{{"uri", all.uri("dagfix.toml")}, {"type", 2}}}}});
    all.client.run();
    REQUIRE(shell.run(applied_by_cli.path(), "dagfix --apply --quiet .").exit_code < 2);
    std::set<std::string> changed_kinds;
    std::size_t changed = 0;
    for (const auto& [name, bytes] : files) {
      // What is in another encoding no editor sends as it is.
      if (valid_utf8(bytes) != bytes) continue;
      INFO(name);
      const std::string expected = applied_by_cli.read(name);
      CHECK(fixed_in_editor(all, name, bytes) == expected);
      if (expected == bytes) continue;
      ++changed;
      changed_kinds.insert(fs::path(name).extension().string());
    }
    CHECK(changed > 100);
    CHECK(changed_kinds.contains(".yaml"));
  }
}

namespace {

/// A rule whose fix takes away what it must not: the name that is the task's id.
constexpr std::string_view kWrongRule = R"({
  "code": "WRONG1", "name": "wrong", "kind": "argument", "severity": "error", "safety": "safe",
  "summary": "Wrong.", "triggers": ["DcmSendOperator"], "why": "-", "fix": "-",
  "entries": [{"classes": ["kaapana.operators.DcmSendOperator.DcmSendOperator"],
               "name": "name", "action": "drop", "reason": "-"}]})";

constexpr std::string_view kProblem =
    "bug of dagfix: dag.py: DAG 'send', task 'x': the task id becomes dcmsend, which WRONG1 does "
    "not declare; the file stays as it is, please report this";

/// A project with the rule, and a task that it breaks beside one that it does not.
struct WrongWorkspace : Workspace {
  explicit WrongWorkspace(Json capabilities = LspClient::capabilities())
      : Workspace(std::move(capabilities)) {
    folder.write("site/wrong.json", kWrongRule);
    folder.write("dagfix.toml", "from = \"0.3.5\"\nrules = [\"site\"]\nselect = [\"WRONG1\"]\n");
    folder.write("dag.py", text);
    client.notify("workspace/didChangeWatchedFiles",
                  {{"changes", {{{"uri", uri("dagfix.toml")}, {"type", 2}}}}});
    client.open(uri("dag.py"), text);
  }

  std::vector<std::string> messages() const {
    std::vector<std::string> shown;
    for (const Json& one : client.all("window/showMessage")) shown.push_back(one.at("message"));
    return shown;
  }
  Json run(std::string_view command, const Json& argument) {
    return client.request("workspace/executeCommand",
                          {{"command", command}, {"arguments", Json::array({argument})}});
  }

  const std::string text =
      "from airflow.models import DAG\n"
      "from kaapana.operators.DcmSendOperator import DcmSendOperator\n"
      "dag = DAG(dag_id='send', schedule_interval=None)\n"
      "send = DcmSendOperator(dag=dag, name='x')\n"
      "other = DAG(dag_id='other', schedule_interval=None)\n"
      "more = DcmSendOperator(dag=other, name='dcmsend')\n";
};

}  // namespace

TEST_CASE("LSP proof: a fix that is refused is not offered, and the user hears why, once") {
  WrongWorkspace all;
  REQUIRE(all.found("dag.py").size() == 2);
  for (int times = 0; times < 2; ++times) {
    CHECK_FALSE(titled(all.actions("dag.py", 3, 34), "Remove"));
    REQUIRE(all.messages().size() == 1);
    CHECK(all.messages()[0].contains("bug of dagfix: dag.py: DAG 'send', task 'x': the task id"));
  }
  Json capabilities = LspClient::capabilities();
  capabilities["textDocument"]["codeAction"]["disabledSupport"] = true;
  WrongWorkspace modern(capabilities);
  const Json actions = modern.actions("dag.py", 3, 34);
  const Json& fix = actions.at(0);
  CHECK(fix.at("disabled").at("reason").get<std::string>().contains("which WRONG1 does not"));
  CHECK_FALSE(fix.contains("edit"));
  CHECK_FALSE(fix.contains("isPreferred"));
}

TEST_CASE("LSP proof: what is asked for and refused is told as by the command line") {
  WrongWorkspace all;
  const Shell shell;
  const ShellResult said = shell.run(all.folder.path(), "dagfix --apply .");
  CHECK(said.exit_code == 2);
  CHECK(said.err.contains(kProblem));
  const auto refused = [&](const Json& answer) {
    CHECK(code_of(answer) == -32803);
    CHECK(answer.at("error").at("message") == kProblem);
    CHECK(all.client.last("window/showMessage").at("message").get<std::string>() ==
          "dagfix: " + std::string(kProblem));
    all.client.received.clear();
  };
  const Json whole = all.actions("dag.py", 0, 0, {{"only", {"source.fixAll"}}});
  refused(all.client.request("codeAction/resolve", whole.at(0)));
  const Json actions = all.actions("dag.py", 3, 34);
  const Json* const of_rule = titled(actions, "Fix all 2 findings of wrong");
  REQUIRE(of_rule);
  refused(all.client.request("codeAction/resolve", *of_rule));
  refused(all.run("dagfix.migrateFile", {{"uri", all.uri("dag.py")}}));

  // The other files are migrated.
  all.folder.write("other.py", "# DcmSendOperator\n");
  const Json result = all.run("dagfix.migrateWorkspace", {{"dryRun", true}}).at("result");
  CHECK(result.at("files").empty());
  CHECK(all.messages() == Strings{"dagfix: " + std::string(kProblem)});
}

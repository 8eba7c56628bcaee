#include <filesystem>
#include <string>
#include <string_view>

#include "support/catch.hpp"
#include "support/lsp_workspace.hpp"
#include "support/shell.hpp"

// That the editor's fixes are those of the command line also where other files decide them.

namespace {

namespace fs = std::filesystem;
using namespace dagfix;
using namespace dagfix::test;

/// A folder with a copy of one of the fixtures.
struct Copied : Workspace {
  Copied(const char* fixture, const char* config, Json capabilities = LspClient::capabilities())
      : Workspace(std::move(capabilities)) {
    fs::copy(fs::path(DAGFIX_SOURCE_DIR) / "fixtures" / fixture, folder.path(),
             fs::copy_options::recursive);
    folder.write("dagfix.toml", config);
    client.notify("workspace/didChangeWatchedFiles",
                  {{"changes", {{{"uri", uri("dagfix.toml")}, {"type", 2}}}}});
    client.run();
  }

  std::string open(const std::string& name) {
    const std::string text = folder.read(name);
    client.open(uri(name), text);
    return text;
  }
  /// The response to "fix all" of an open document; null if it is not offered.
  Json fix_all(const std::string& name) {
    const Json offered = actions(name, 0, 0, {{"only", {"source.fixAll"}}});
    return offered.empty() ? Json() : client.request("codeAction/resolve", offered.at(0));
  }
};

/// Modules whose fixes give a task of another file another name, which the rule does not declare;
/// and one whose fix harms nobody.
struct Imported : Copied {
  explicit Imported(Json capabilities = LspClient::capabilities())
      : Copied("cli/bug-of-dagfix-imported/files",
               "from = \"0.3.5\"\nrules = [\"rules\"]\nselect = [\"WRONG\"]\n",
               std::move(capabilities)) {}
};

constexpr std::string_view kProblem =
    "bug of dagfix: imports/dag_cohort.py: DAG 'cohort', task 'prepare-cohort': the task id "
    "becomes "
    "collect-cohort, which WRONG6 does not declare; what its DAGs are made of stays as it is: "
    "imports/names.py; please report this";

constexpr const char* kNames = "imports/names.py";
constexpr const char* kOther = "imports/other_names.py";

void check_refused(const Json& answer) {
  CHECK(code_of(answer) == -32803);
  CHECK(answer.at("error").at("message") == kProblem);
}

}  // namespace

TEST_CASE("LSP project: what a fix breaks in files that import the document is not made") {
  Imported all;
  const std::string other = all.open(kOther);
  all.open(kNames);
  check_refused(all.fix_all(kNames));
  const Json fixed = all.fix_all(kOther).at("result").at("edit");
  const auto command = [&](const char* name, Json argument) {
    return all.client.request("workspace/executeCommand",
                              {{"command", name}, {"arguments", Json::array({argument})}});
  };
  check_refused(command("dagfix.migrateFile", {{"uri", all.uri(kNames)}}));
  all.client.received.clear();
  const Json done = command("dagfix.migrateWorkspace", {{"dryRun", true}}).at("result");
  CHECK(done.at("files").size() == 1);
  CHECK(done.at("files").at(0).at("path") == kOther);
  CHECK(all.client.last("window/showMessage").at("message") == "dagfix: " + std::string(kProblem));

  const ShellResult said = Shell().run(all.folder.path(), "dagfix --apply --quiet .");
  CHECK(said.exit_code == 2);
  CHECK(said.err.contains(kProblem));
  CHECK(all.folder.read(kNames) == "COHORT_DAG_ID = \"prepare-cohort\"\n");
  CHECK(all.folder.read(kOther) == applied(other, fixed));
}

TEST_CASE("LSP project: a quick fix that breaks another file is refused when it is chosen") {
  Imported all;
  all.open(kNames);
  const Json actions = all.actions(kNames, 0, 18);
  const Json* const fix = titled(actions, "collect-cohort");
  REQUIRE(fix);
  CHECK_FALSE(fix->contains("edit"));
  check_refused(all.client.request("codeAction/resolve", *fix));
  // With the importing file as it is in the editor, there is no DAG to break.
  all.open("imports/dag_cohort.py");
  all.client.change(all.uri("imports/dag_cohort.py"), 2, Json::array({{{"text", "x = 1\n"}}}));
  all.client.run();
  const Json again = all.actions(kNames, 0, 18);
  const Json made = all.client.request("codeAction/resolve", *titled(again, "collect-cohort"));
  CHECK(applied("COHORT_DAG_ID = \"prepare-cohort\"\n", made.at("result").at("edit")) ==
        "COHORT_DAG_ID = \"collect-cohort\"\n");
}

TEST_CASE("LSP project: clients that resolve nothing are not offered what breaks another file") {
  Json capabilities = LspClient::capabilities();
  capabilities["textDocument"]["codeAction"].erase("resolveSupport");
  Imported all(capabilities);
  all.open(kNames);
  CHECK_FALSE(titled(all.actions(kNames, 0, 18), "collect-cohort"));
  CHECK(all.client.last("window/showMessage").at("message") == "dagfix: " + std::string(kProblem));
  all.open(kOther);
  CHECK(titled(all.actions(kOther, 0, 18), "collect-cohort")->contains("edit"));
}

TEST_CASE("LSP project: what is not saved of a module counts where it is imported") {
  constexpr const char* kDagFile = "dag_levels.py";
  constexpr const char* kModule = "lung/LungOperators.py";
  Copied all("rules/local-minio/project_levels", "from = \"0.3.5\"\nto = \"0.5.3\"\n");
  const std::string dag = all.open(kDagFile);
  std::string module = all.open(kModule);
  const auto fixed = [&] { return applied(dag, all.fix_all(kDagFile).at("result").at("edit")); };
  const std::string before = fixed();
  // Another image, whose scripts write elsewhere. No import statement changes.
  const std::string_view image = "/lung-segment:";
  module.replace(module.find(image, module.find("image=f")), image.size(), "/lung-report:");
  all.client.change(all.uri(kModule), 2, Json::array({{{"text", module}}}));
  const std::string after = fixed();
  CHECK(after != before);
  all.folder.write(kModule, module);
  REQUIRE(Shell().run(all.folder.path(), "dagfix --apply --quiet .").exit_code < 2);
  CHECK(all.folder.read(kDagFile) == after);
}

TEST_CASE("LSP project: a document outside of all folders is fixed with what lies around it") {
  const fs::path fixture =
      fs::path(DAGFIX_SOURCE_DIR) / "fixtures/rules/local-minio/project_levels";
  TempFolder folder;
  fs::copy(fixture, folder.path(), fs::copy_options::recursive);
  folder.write("dagfix.toml", "from = \"0.3.5\"\nto = \"0.5.3\"\n");
  Workspace all;
  const std::string uri = lsp::uri_of_path(folder.path("dag_levels.py"));
  const std::string text = folder.read("dag_levels.py");
  all.client.open(uri, text);
  const Json place{{"line", 0}, {"character", 0}};
  const Json offered = all.client.result(
      "textDocument/codeAction",
      {{"textDocument", {{"uri", uri}}},
       {"range", {{"start", place}, {"end", place}}},
       {"context", {{"diagnostics", Json::array()}, {"only", {"source.fixAll"}}}}});
  const Json made = all.client.result("codeAction/resolve", offered.at(0));
  REQUIRE(Shell().run(folder.path(), "dagfix --apply --quiet dag_levels.py").exit_code < 2);
  CHECK(applied(text, made.at("edit")) == folder.read("dag_levels.py"));
}

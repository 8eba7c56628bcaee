#include "support/lsp_workspace.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/lsp_confirmation.hpp"
#include "support/shell.hpp"

namespace {

using namespace dagfix;
using namespace dagfix::test;

Json watched(const std::string& uri, int type = 2) {
  return {{"changes", {{{"uri", uri}, {"type", type}}}}};
}

/// What a client of today that pulls diagnostics can do.
Json pulling() {
  Json capabilities = LspClient::capabilities();
  capabilities["textDocument"]["diagnostic"] = Json::object();
  capabilities["workspace"]["diagnostics"] = {{"refreshSupport", true}};
  return capabilities;
}

/// Lets something happen while folders are read.
class SlowHost : public LspHost {
 public:
  std::expected<std::shared_ptr<lsp::Survey>, std::string> survey(
      const lsp::SurveyRequest& request) override {
    constexpr std::size_t kSteps = 5;
    request.begin("reading files", kSteps);
    for (std::size_t i = 0; i < kSteps; ++i) {
      meanwhile();
      if (request.is_cancelled()) return std::unexpected(std::string(lsp::kCancelled));
      request.step();
    }
    lsp::SurveyRequest quiet = request;
    quiet.begin = [](std::string_view, std::size_t) {};
    quiet.step = [] {};
    return LspHost::survey(quiet);
  }

  std::function<void()> meanwhile = [] {};
};

/// A folder with a DAG and a client that shows progress.
struct SlowWorkspace {
  SlowWorkspace() {
    folder.write("dagfix.toml", "from = \"0.3.5\"\n");
    folder.write("dag.py", kDag);
    capabilities["window"] = {{"workDoneProgress", true}};
  }

  /// Every step takes so long; what is said meanwhile arrives.
  void slow_down(std::chrono::milliseconds time) {
    host.meanwhile = [this, time] {
      client.wait(time);
      client.pump();
    };
  }
  std::string uri() const { return lsp::uri_of_path(folder.path("dag.py")); }

  TempFolder folder;
  SlowHost host;
  LspClient client{host};
  Json capabilities = LspClient::capabilities();
};

}  // namespace

TEST_CASE("LSP settings: the client's go before the file's and take effect at once") {
  Workspace all;
  all.client.open(all.uri("dag.py"), kDag);
  CHECK(all.found("dag.py").size() == 2);
  all.client.settings = {{"ignore", {"KAP207"}}};
  all.client.notify("workspace/didChangeConfiguration", {{"settings", nullptr}});
  all.client.run();
  CHECK(all.found("dag.py").empty());
  all.client.settings = {{"to", "9.9"}};
  all.client.notify("workspace/didChangeConfiguration", {{"settings", nullptr}});
  all.client.run();
  CHECK(all.client.last("window/showMessage").at("message").get<std::string>().contains("9.9"));
  all.client.settings = Json::object();
  all.client.notify("workspace/didChangeConfiguration", {{"settings", nullptr}});
  all.client.run();
  CHECK(all.found("dag.py").size() == 2);
  // The file is watched.
  CHECK(all.client.last("client/registerCapability").dump().contains("**/dagfix.toml"));
  all.folder.write("dagfix.toml", "from = \"0.4.2\"\n");
  all.client.notify("workspace/didChangeWatchedFiles",
                    {{"changes", {{{"uri", all.uri("dagfix.toml")}, {"type", 2}}}}});
  all.client.run();
  CHECK(all.found("dag.py").empty());
}

TEST_CASE("LSP project: other files count, and what is not saved of them") {
  Workspace all;
  all.folder.write("ops.py",
                   "from kaapana.operators.DcmSendOperator import DcmSendOperator as Send\n");
  all.folder.write("dag.py", "from ops import Send\nsend = Send(ram_mem_mb=1)\n");
  all.client.notify("workspace/didChangeWatchedFiles",
                    {{"changes", {{{"uri", all.uri("dag.py")}, {"type", 1}}}}});
  all.client.open(all.uri("dag.py"), all.folder.read("dag.py"));
  CHECK(all.found("dag.py") == Strings{"KAP207 1:12-1:22"});
  // The buffer of the other file says something else; nothing is saved.
  all.client.open(all.uri("ops.py"), all.folder.read("ops.py"));
  all.client.change(all.uri("ops.py"), 2, Json::array({{{"text", "class Send: pass\n"}}}));
  all.client.run();
  CHECK(all.found("dag.py").empty());
  all.client.notify("textDocument/didClose", all.params("ops.py"));
  all.client.run();
  CHECK(all.found("dag.py") == Strings{"KAP207 1:12-1:22"});
}

TEST_CASE("LSP folders: added and removed while the document is open") {
  TempFolder other;
  other.write("dagfix.toml", "from = \"0.5.3\"\n");
  Workspace all;
  const std::string uri = lsp::uri_of_path(other.path("dag.py"));
  other.write("dag.py", kDag);
  const Json folder{{"uri", lsp::uri_of_path(other.path())}, {"name", "other"}};
  all.client.open(uri, kDag);
  CHECK(all.client.diagnostics(uri).empty());
  other.write("dagfix.toml", "from = \"0.3.5\"\n");
  all.client.notify("workspace/didChangeWorkspaceFolders",
                    {{"event", {{"added", Json::array({folder})}, {"removed", Json::array()}}}});
  all.client.run();
  CHECK(all.client.diagnostics(uri).size() == 2);
  other.write("dagfix.toml", "from = \"0.5.3\"\n");
  all.client.notify("workspace/didChangeWorkspaceFolders",
                    {{"event", {{"added", Json::array()}, {"removed", Json::array({folder})}}}});
  all.client.run();
  CHECK(all.client.diagnostics(uri).empty());
}

TEST_CASE("LSP folders: the innermost one counts, also if it comes later") {
  Workspace all;
  all.folder.write("inner/dagfix.toml", "from = \"0.5.3\"\n");
  all.folder.write("inner/dag.py", kDag);
  const std::string uri = all.uri("inner/dag.py");
  all.client.open(uri, kDag);
  CHECK(all.client.diagnostics(uri).size() == 2);
  const Json inner = Json::array({{{"uri", all.uri("inner")}, {"name", "inner"}}});
  const auto change = [&](const char* what) {
    Json event{{"added", Json::array()}, {"removed", Json::array()}};
    event[what] = inner;
    all.client.notify("workspace/didChangeWorkspaceFolders", {{"event", event}});
    all.client.run();
  };
  change("added");
  CHECK(all.client.diagnostics(uri).empty());
  const Json asked = all.client.last("workspace/configuration").at("items");
  REQUIRE(asked.size() == 2);
  CHECK(asked.at(0).at("section") == "dagfix");
  CHECK(asked.at(1).at("scopeUri") == all.uri("inner"));
  change("removed");
  CHECK(all.client.diagnostics(uri).size() == 2);
}

TEST_CASE("LSP folders: symbolic links lead to the file that they name") {
  Workspace all;
  const TempFolder outside;
  outside.write("dagfix.toml", "from = \"0.3.5\"\n");
  outside.write("dag.py", kDag);
  all.folder.write("dags/dag.py", kDag);
  all.folder.write("ops.py", "class Send: pass\n");
  namespace fs = std::filesystem;
  fs::create_symlink(all.folder.path("dags"), all.folder.path("link"));
  fs::create_symlink(outside.path("dag.py"), all.folder.path("foreign.py"));
  fs::create_symlink(all.folder.path(), outside.path("project"));
  all.client.notify("workspace/didChangeWatchedFiles", watched(all.uri("dags/dag.py"), 1));
  for (const std::string& uri : {all.uri("link/dag.py"), all.uri("foreign.py"),
                                 lsp::uri_of_path(outside.path("project/dags/dag.py"))}) {
    INFO(uri);
    all.client.open(uri, kDag);
    CHECK(all.client.diagnostics(uri).size() == 2);
  }
  // An edit of the workspace names the file as the editor does.
  all.client.notify(
      "textDocument/didClose",
      {{"textDocument", {{"uri", lsp::uri_of_path(outside.path("project/dags/dag.py"))}}}});
  const Json dry = all.client.result(
      "workspace/executeCommand",
      {{"command", "dagfix.migrateWorkspace"}, {"arguments", {{{"dryRun", true}}}}});
  REQUIRE(dry.at("files").size() == 2);
  CHECK(dry.at("files").at(0).at("uri") == all.uri("link/dag.py"));
  CHECK(dry.at("files").at(1).at("uri") == all.uri("foreign.py"));
}

TEST_CASE("LSP diagnostics: a pull is answered though the folder that it waits for goes") {
  Workspace all(pulling());
  all.folder.write("dag.py", kDag);
  const TempFolder other;
  other.write("dag.py", kDag);
  const Json folder{{"uri", lsp::uri_of_path(other.path())}, {"name", "other"}};
  const auto change = [&](const char* what) {
    Json event{{"added", Json::array()}, {"removed", Json::array()}};
    event[what] = Json::array({folder});
    all.client.notify("workspace/didChangeWorkspaceFolders", {{"event", event}});
    all.client.run();
  };
  all.client.holds_work = true;
  change("added");
  const Json params{{"textDocument", {{"uri", lsp::uri_of_path(other.path("dag.py"))}}}};
  const auto id = all.client.send_request("textDocument/diagnostic", params);
  all.client.run();
  REQUIRE(all.client.response(id).is_null());
  change("removed");
  CHECK(all.client.response(id).at("result").at("items").empty());
}

TEST_CASE("LSP documents: of the changes of a message all are made or none") {
  Workspace all;
  const std::string uri = all.uri("dag.py");
  all.client.open(uri, kDag);
  Json changes = insertion(0, 0, "\n");
  changes.push_back({{"range", 7}, {"text", "x"}});
  all.client.change(uri, 2, changes);
  all.client.change(uri, 3, insertion(0, 0, "\n"));
  all.client.run();
  CHECK(all.found("dag.py") == Strings{"KAP207 5:32-5:42", "KAP207 6:32-6:42"});
}

TEST_CASE("LSP commands: migrate a file, the workspace, show the plan") {
  Workspace all;
  all.folder.write("a.py", kDag);
  all.folder.write("sub/b.py", "\xef\xbb\xbf" + std::string(kDag));
  all.client.open(all.uri("a.py"), kDag);
  const auto run = [&](std::string_view command, const Json& argument) {
    return all.client.result("workspace/executeCommand",
                             {{"command", command}, {"arguments", Json::array({argument})}});
  };
  const Json file = run("dagfix.migrateFile", {{"uri", all.uri("a.py")}});
  CHECK(file.at("applied") == true);
  CHECK(file.at("findings") == 2);
  const Json edit = all.client.last("workspace/applyEdit").at("edit");
  CHECK_FALSE(applied(kDag, edit).contains("ram_mem_mb"));
  CHECK_FALSE(edit.contains("changeAnnotations"));

  const Json dry = run("dagfix.migrateWorkspace", {{"dryRun", true}});
  CHECK(dry.at("applied") == false);
  CHECK(dry.at("files").size() == 2);
  CHECK(dry.at("diff").get<std::string>().contains("+++ b/sub/b.py"));
  const Json done = run("dagfix.migrateWorkspace", Json::object());
  CHECK(done.at("applied") == true);
  const Json changes = all.client.last("workspace/applyEdit").at("edit");
  CHECK(changes.at("documentChanges").at(0).at("textDocument").at("version") == 1);
  CHECK(changes.at("documentChanges").at(1).at("textDocument").at("version").is_null());
  check_confirmation(changes);
  CHECK_FALSE(applied(kDag, changes, 1).contains("ram_mem_mb"));

  const std::string plan = run("dagfix.showPlan", Json::object()).at("markdown");
  CHECK(plan.contains("From Kaapana 0.3.5 to 0.5.3"));
  CHECK(plan.contains("| KAP207 dcm-send-argument | 4 | 0 | 0 |"));
  CHECK_FALSE(plan.contains("By hand"));
  all.folder.write("c.py",
                   "from kaapana.operators.LocalGetRefSeriesOperator import "
                   "LocalGetRefSeriesOperator as R\n\nr = R(search_policy='study_uid')\n");
  const std::string more = run("dagfix.showPlan", Json::object()).at("markdown");
  CHECK(more.contains("## By hand\n\n- `c.py:3` LocalGetRefSeriesOperator is not replaced"));

  for (const char* const rule : {"KAP207", "dcm-send-argument"}) {
    const std::string page = run("dagfix.rulePage", {{"rule", rule}}).at("markdown");
    CHECK(page.starts_with("# dcm-send-argument (KAP207)\n"));
    CHECK(page.contains("## What it may change in the graph of a DAG\n"));
  }
  CHECK(run("dagfix.rulePage", {{"rule", "none"}}).at("error").at("code") == -32602);
}

TEST_CASE("LSP cancelling: requests in line and work in the background") {
  Workspace all;
  all.folder.write("a.py", kDag);
  all.client.open(all.uri("a.py"), kDag);
  const auto cancelled = [&](std::int64_t id) {
    all.client.notify("$/cancelRequest", {{"id", id}});
    all.client.run();
    return code_of(all.client.response(id));
  };
  CHECK(cancelled(all.client.send_request("textDocument/hover", all.at("a.py", 0, 0))) == -32800);
  all.client.holds_work = true;
  const auto id = all.client.send_request(
      "workspace/executeCommand", {{"command", "dagfix.showPlan"}, {"arguments", Json::array()}});
  all.client.run();
  CHECK(all.client.response(id).is_null());
  CHECK(cancelled(id) == -32800);
  all.client.holds_work = false;
  all.client.received.clear();
  all.client.run();
  CHECK(all.client.response(id).is_null());
}

TEST_CASE("LSP settings: initializationOptions in every form that people write") {
  TempFolder folder;
  folder.write("dagfix.toml", "from = \"0.3.5\"\n");
  const std::string uri = lsp::uri_of_path(folder.path("dag.py"));
  Json capabilities = LspClient::capabilities();
  capabilities["workspace"].erase("configuration");
  const Json plain{{"from", "0.5.3"}};
  for (const Json& options :
       {plain, Json{{"dagfix", plain}}, Json{{"settings", plain}},
        Json{{"settings", {{"dagfix", plain}}}}, Json{{"dagfix.from", "0.5.3"}}}) {
    INFO(options.dump());
    LspHost host;
    LspClient client(host);
    client.start({folder.path()}, capabilities, options);
    client.open(uri, kDag);
    CHECK(client.diagnostics(uri).empty());
    const auto change = [&](const Json& settings) {
      client.notify("workspace/didChangeConfiguration", {{"settings", settings}});
      client.run();
      return client.diagnostics(uri).size();
    };
    CHECK(change({{"dagfix", {{"from", "0.3.5"}}}}) == 2);
    CHECK(change({{"from", "0.5.3"}}) == 0);
    // Those of other programs say nothing of dagfix's.
    CHECK(change({{"python", {{"from", "0.3.5"}}}}) == 0);
    CHECK(change(Json::object()) == 0);
  }
}

TEST_CASE("LSP settings: the client may have pages of the rules itself") {
  TempFolder folder;
  folder.write("dagfix.toml", "from = \"0.3.5\"\n");
  const std::string uri = lsp::uri_of_path(folder.path("dag.py"));
  LspHost host;
  LspClient client(host);
  client.start({folder.path()}, LspClient::capabilities(), {{"rulePages", "help:{name}?"}});
  client.open(uri, kDag);
  CHECK(client.diagnostics(uri).at(0).at("codeDescription").at("href") ==
        "help:dcm-send-argument?");
  const Json hover = client.result(
      "textDocument/hover",
      {{"textDocument", {{"uri", uri}}}, {"position", {{"line", 4}, {"character", 34}}}});
  CHECK(hover.at("contents").at("value").get<std::string>().contains("(help:dcm-send-argument?)"));
}

TEST_CASE("LSP settings: a baseline hides what it counts, as on the command line") {
  const Shell shell;
  Workspace all;
  const std::string uri = all.uri("sub/dag.py");
  all.folder.write("sub/dag.py", kDag);
  REQUIRE(shell.run(all.folder.path(), "dagfix --write-baseline base.json .").exit_code == 0);
  all.client.open(uri, kDag);
  CHECK(all.found("sub/dag.py").size() == 2);
  all.folder.write("dagfix.toml", "from = \"0.3.5\"\nbaseline = \"base.json\"\n");
  all.client.notify("workspace/didChangeWatchedFiles", watched(all.uri("dagfix.toml")));
  all.client.run();
  CHECK(all.found("sub/dag.py").empty());
  CHECK(shell.run(all.folder.path(), "dagfix .").exit_code == 0);
  // One more: nobody can say which is new.
  const std::string third = "send = DcmSendOperator(dag=dag, ram_mem_mb=1)\n";
  all.client.change(uri, 2, insertion(6, 0, third));
  all.client.run();
  CHECK(all.found("sub/dag.py").size() == 3);
  all.folder.write("sub/dag.py", std::string(kDag) + third);
  CHECK(shell.run(all.folder.path(), "dagfix --quiet --format concise .").out.contains(":7:"));
  // A new baseline takes effect, and one that is none is told.
  REQUIRE(shell.run(all.folder.path(), "dagfix --write-baseline base.json .").exit_code == 0);
  all.client.notify("workspace/didChangeWatchedFiles", watched(all.uri("base.json")));
  all.client.run();
  CHECK(all.found("sub/dag.py").empty());
  all.folder.write("base.json", "[]");
  all.client.notify("workspace/didChangeWatchedFiles", watched(all.uri("base.json")));
  all.client.run();
  CHECK(all.client.last("window/showMessage").dump().contains("base.json"));
  CHECK(all.found("sub/dag.py").empty());
}

TEST_CASE("LSP diagnostics: pulled for a document that is not open, as it is on disk") {
  Workspace all(pulling());
  all.folder.write("closed.py", "\xef\xbb\xbf" + std::string(kDag));
  all.client.notify("workspace/didChangeWatchedFiles", watched(all.uri("closed.py"), 1));
  all.client.run();
  const Json closed = all.client.result("textDocument/diagnostic", all.params("closed.py"));
  CHECK(LspClient::places(closed.at("items")) == Strings{"KAP207 4:32-4:42", "KAP207 5:32-5:42"});
  Json again = all.params("closed.py");
  again["previousResultId"] = closed.at("resultId");
  CHECK(all.client.result("textDocument/diagnostic", again).at("kind") == "unchanged");
  for (const std::string& uri : {all.uri("gone.py"), std::string("file:///elsewhere/x.py"),
                                 std::string("untitled:Untitled-1")}) {
    const Json none =
        all.client.result("textDocument/diagnostic", {{"textDocument", {{"uri", uri}}}});
    CHECK(none.at("items").empty());
  }
  // A client that asks before it says that the document is open is told to ask again.
  all.client.received.clear();
  all.client.open(all.uri("closed.py"), "# remark\n" + std::string(kDag));
  CHECK(all.client.all("workspace/diagnostic/refresh").size() == 1);
  CHECK(all.client.result("textDocument/diagnostic", again).at("kind") == "full");
}

TEST_CASE("LSP diagnostics: the client is told when those of other files may be old") {
  Workspace all(pulling());
  all.folder.write("ops.py",
                   "from kaapana.operators.DcmSendOperator import DcmSendOperator as Send\n");
  all.folder.write("dag.py", "from ops import Send\nsend = Send(ram_mem_mb=1)\n");
  const auto refreshed = [&] {
    all.client.run();
    const std::size_t times = all.client.all("workspace/diagnostic/refresh").size();
    all.client.received.clear();
    return times;
  };
  CHECK(refreshed() == 1);  // after the folder was read
  all.client.notify("workspace/didChangeWatchedFiles", watched(all.uri("dag.py"), 1));
  CHECK(refreshed() == 1);
  all.client.open(all.uri("ops.py"), all.folder.read("ops.py"));
  CHECK(refreshed() == 0);
  all.client.change(all.uri("ops.py"), 2, Json::array({{{"text", "class Send: pass\n"}}}));
  CHECK(refreshed() == 1);
  all.client.settings = {{"ignore", {"KAP207"}}};
  all.client.notify("workspace/didChangeConfiguration", {{"settings", nullptr}});
  CHECK(refreshed() == 1);

  Json without = pulling();
  without["workspace"].erase("diagnostics");
  Workspace silent(without);
  CHECK(silent.client.all("workspace/diagnostic/refresh").empty());
}

TEST_CASE("LSP diagnostics: messages as Markdown, and refactorings as such, for clients of 3.18") {
  Json capabilities = pulling();
  Workspace old(capabilities);
  capabilities["textDocument"]["diagnostic"]["markupMessageSupport"] = true;
  capabilities["workspace"]["workspaceEdit"]["metadataSupport"] = true;
  Workspace all(capabilities);
  all.client.open(all.uri("dag.py"), kDag);
  const Json items = all.client.result("textDocument/diagnostic", all.params("dag.py")).at("items");
  const Json message = items.at(0).at("message");
  CHECK(message.at("kind") == "markdown");
  CHECK(message.at("value").get<std::string>().contains("ram\\_mem\\_mb"));
  for (Workspace* const one : {&old, &all}) {
    one->client.open(one->uri("other.py"), kDag);
    one->client.result("workspace/executeCommand",
                       {{"command", "dagfix.migrateFile"}, {"arguments", {one->uri("other.py")}}});
    const Json edit = one->client.last("workspace/applyEdit");
    CHECK(edit.contains("metadata") == (one == &all));
  }
  CHECK(all.client.last("workspace/applyEdit").at("metadata").at("isRefactoring") == true);
}

TEST_CASE("LSP documents: with their fixes made, for clients of 3.18, open or not") {
  Json capabilities = LspClient::capabilities();
  CHECK_FALSE(Workspace(capabilities)
                  .first.at("capabilities")
                  .at("workspace")
                  .contains("textDocumentContent"));
  capabilities["workspace"]["textDocumentContent"] = Json::object();
  Workspace all(capabilities);
  CHECK(all.first.at("capabilities").at("workspace").at("textDocumentContent").at("schemes") ==
        Json{"dagfix-fixed"});
  all.folder.write("dag.py", kDag);
  all.client.notify("workspace/didChangeWatchedFiles",
                    {{"changes", {{{"uri", all.uri("dag.py")}, {"type", 1}}}}});
  all.client.run();
  const std::string uri = "dagfix-fixed" + all.uri("dag.py").substr(4);
  const auto migrated = [&] {
    return all.client.result("workspace/textDocumentContent", {{"uri", uri}}).value("text", "");
  };
  const std::string fixed = migrated();
  CHECK(fixed.contains("send = DcmSendOperator(dag=dag)\n"));
  all.client.open(all.uri("dag.py"), kDag);
  CHECK(migrated() == fixed);
  all.client.received.clear();
  all.client.change(all.uri("dag.py"), 2, insertion(2, 0, "# more\n"));
  all.client.run();
  CHECK(all.client.last("workspace/textDocumentContent/refresh") == Json{{"uri", uri}});
  CHECK(migrated().contains("# more\n"));
  for (const char* const wrong : {"file:///dag.py", "dagfix-fixed:///nowhere/dag.py"}) {
    CHECK(code_of(all.client.request("workspace/textDocumentContent", {{"uri", wrong}})) == -32602);
  }
}

TEST_CASE("LSP documents: charts and scripts are looked at while they are edited") {
  Workspace all;
  const std::string uri = all.uri("job.yaml");
  all.client.open(uri, "image: x\nenv: {}\n");
  CHECK(all.client.diagnostics(uri).empty());
  const std::string text = "# \xf0\x9f\x98\x80\ndag_id: delete-series-from-platform\n";
  all.client.change(uri, 2, Json::array({{{"text", text}}}));
  all.client.run();
  REQUIRE(all.client.diagnostics(uri).size() == 1);
  const Json actions = all.actions("job.yaml", 1, 12);
  const Json* const fix = titled(actions, "delete-series");
  REQUIRE(fix);
  CHECK(applied(text, fix->at("edit")).ends_with("dag_id: delete-series\n"));
  CHECK_FALSE(titled(actions, "Ignore"));
  const Json hover = all.client.result("textDocument/hover", all.at("job.yaml", 1, 12));
  CHECK(hover.at("contents").at("value").get<std::string>().contains("renamed-dag-id"));
  CHECK(all.client.result("textDocument/hover", all.at("job.yaml", 0, 0)).is_null());
}

TEST_CASE("LSP diagnostics: an edit does not have all files checked anew") {
  SlowWorkspace all;
  all.capabilities["textDocument"]["diagnostic"] = Json::object();
  std::size_t steps = 0;
  all.host.meanwhile = [&] { ++steps; };
  all.folder.write("other.py", kDag);
  all.client.start({all.folder.path()}, all.capabilities);
  all.client.open(all.uri(), kDag);
  const auto pull = [&] {
    const Json answer =
        all.client.result("workspace/diagnostic", {{"previousResultIds", Json::array()}});
    std::map<std::string, Strings> found;
    for (const Json& item : answer.at("items")) {
      const std::string uri = item.at("uri");
      found[uri.substr(uri.rfind('/') + 1)] = LspClient::places(item.at("items"));
    }
    return found;
  };
  const Strings both{"KAP207 4:32-4:42", "KAP207 5:32-5:42"};
  CHECK(pull() == std::map<std::string, Strings>{{"dag.py", both}, {"other.py", both}});
  const std::size_t before = steps;
  all.client.change(all.uri(), 2, insertion(3, 0, "\n"));
  const Strings moved{"KAP207 5:32-5:42", "KAP207 6:32-6:42"};
  CHECK(pull() == std::map<std::string, Strings>{{"dag.py", moved}, {"other.py", both}});
  CHECK(steps == before);
  // What the text imports may tell something of other files.
  all.client.change(all.uri(), 3, insertion(0, 0, "from other import send\n"));
  all.client.run();
  CHECK(pull().at("dag.py").size() == 2);
  CHECK(steps > before);
}

TEST_CASE("LSP progress: shown for what takes long, with a title and how far it is") {
  SlowWorkspace all;
  all.slow_down(std::chrono::milliseconds(10));
  all.client.start({all.folder.path()}, all.capabilities);
  CHECK(all.client.all("$/progress").empty());
  CHECK(all.client.all("window/workDoneProgress/create").empty());

  all.slow_down(std::chrono::milliseconds(200));
  all.client.notify("workspace/didChangeWatchedFiles",
                    watched(lsp::uri_of_path(all.folder.path("dagfix.toml"))));
  all.client.run();
  const auto shown = all.client.all("$/progress");
  const auto created = all.client.all("window/workDoneProgress/create");
  REQUIRE(created.size() == 1);
  REQUIRE(shown.size() >= 3);
  int before = -1;
  for (std::size_t i = 0; i < shown.size(); ++i) {
    CHECK(shown[i].at("token") == created[0].at("token"));
    const Json& value = shown[i].at("value");
    const bool is_last = i + 1 == shown.size();
    CHECK(value.at("kind") == (i == 0 ? "begin" : is_last ? "end" : "report"));
    if (is_last) break;
    CHECK(value.at("message") == "reading files");
    CHECK(value.at("percentage").get<int>() > before);
    before = value.at("percentage").get<int>();
  }
  CHECK(before == 100);
  CHECK(shown[0].at("value").at("title") == "dagfix");
  CHECK(shown[0].at("value").at("cancellable") == true);
}

TEST_CASE("LSP progress: who cancels the reading of a folder still has findings of open files") {
  SlowWorkspace all;
  bool is_cancelled = false;
  all.host.meanwhile = [&] {
    all.client.wait(std::chrono::milliseconds(200));
    all.client.pump();
    const auto shown = all.client.all("$/progress");
    if (shown.empty() || is_cancelled) return;
    is_cancelled = true;
    all.client.notify("window/workDoneProgress/cancel", {{"token", shown[0].at("token")}});
    all.client.pump();
  };
  all.client.start({all.folder.path()}, all.capabilities);
  REQUIRE(is_cancelled);
  CHECK(all.client.last("window/showMessage").is_null());
  all.client.open(all.uri(), kDag);
  CHECK(all.client.diagnostics(all.uri()).size() == 2);
  const auto shown = all.client.all("$/progress");
  CHECK(shown.back().at("value").at("kind") == "end");
}

TEST_CASE("LSP progress: a command tells it under the client's token, and ends when cancelled") {
  SlowWorkspace all;
  all.client.start({all.folder.path()}, all.capabilities);
  const auto plan = [&](bool cancels) {
    all.client.received.clear();
    all.host.meanwhile = [&, cancels] {
      all.client.wait(std::chrono::milliseconds(200));
      all.client.pump();
      if (!cancels || all.client.all("$/progress").empty()) return;
      all.client.notify("window/workDoneProgress/cancel", {{"token", "mine"}});
      all.client.pump();
    };
    return all.client.request(
        "workspace/executeCommand",
        {{"command", "dagfix.showPlan"}, {"workDoneToken", "mine"}, {"arguments", Json::array()}});
  };
  CHECK(plan(false).at("result").at("markdown").get<std::string>().contains("KAP207"));
  // The token ends with the answer.
  const auto& said = all.client.received;
  const auto ended = std::ranges::find_if(said, [](const Json& one) {
    return one.value("method", "") == "$/progress" &&
           one.at("params").at("value").at("kind") == "end";
  });
  const auto answered =
      std::ranges::find_if(said, [](const Json& one) { return one.contains("result"); });
  CHECK(ended < answered);
  CHECK(all.client.last("$/progress").at("token") == "mine");
  CHECK(all.client.all("window/workDoneProgress/create").empty());
  CHECK(code_of(plan(true)) == -32800);
  CHECK(all.client.last("$/progress").at("value").at("kind") == "end");
}

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "support/catch.hpp"
#include "support/lsp_confirmation.hpp"
#include "support/lsp_workspace.hpp"

namespace {

using namespace dagfix;
using namespace dagfix::test;

}  // namespace

TEST_CASE("LSP lifecycle: each state refuses what does not belong to it") {
  LspHost host;
  LspClient client(host);
  CHECK(code_of(client.request("textDocument/hover", Json::object())) == -32002);
  client.notify("textDocument/didOpen", Json::object());
  CHECK(code_of(client.request("initialize",
                               {{"capabilities", Json::object()}, {"processId", 7}})) == 0);
  CHECK(client.watched == 7);
  CHECK(code_of(client.request("initialize", {{"capabilities", Json::object()}})) == -32600);
  CHECK(code_of(client.request("no/such", Json::object())) == -32601);
  CHECK(code_of(client.request("textDocument/hover", Json::object())) == -32602);
  CHECK(code_of(client.request("textDocument/hover", Json::array())) == -32602);
  CHECK(code_of(client.request("workspace/executeCommand", {{"command", "x"}})) == -32602);
  CHECK(client.request("shutdown", nullptr).at("result").is_null());
  CHECK(code_of(client.request("textDocument/hover", Json::object())) == -32600);
  CHECK_FALSE(client.server().has_exited());
  client.notify("exit", nullptr);
  client.run();
  CHECK(client.server().has_exited());
  CHECK(client.server().exit_code() == 0);
  LspClient rude(host);
  rude.notify("exit", nullptr);
  rude.run();
  CHECK(rude.server().exit_code() == 1);
}

TEST_CASE("LSP messages: what is none is answered with an error") {
  LspHost host;
  LspClient client(host);
  const auto answer = [&](std::string_view body) {
    client.received.clear();
    client.send_text(body);
    client.run();
    return client.received.empty() ? 0 : code_of(client.received.back());
  };
  CHECK(answer("{") == -32700);
  CHECK(answer("\xff") == -32700);
  CHECK(answer("[]") == -32600);
  CHECK(answer("null") == -32600);
  CHECK(answer(R"({"jsonrpc":"2.0","id":1})") == -32600);
  CHECK(answer(R"({"jsonrpc":"2.0","id":{},"method":"x"})") == -32600);
  CHECK(answer(R"({"jsonrpc":"2.0","id":1,"method":2})") == -32600);
  CHECK(answer(R"({"jsonrpc":"2.0","id":99,"result":1})") == 0);
  CHECK(answer(R"({"jsonrpc":"2.0","result":1})") == 0);
  CHECK(answer(R"({"jsonrpc":"2.0","method":"$/cancelRequest"})") == 0);
  CHECK(answer(R"({"jsonrpc":"2.0","method":"exit","params":3})") == 0);
}

TEST_CASE("LSP: the position encoding is the client's choice") {
  const auto chosen = [](const Json& offered) {
    LspHost host;
    LspClient client(host);
    Json capabilities = LspClient::capabilities();
    if (!offered.is_null()) capabilities["general"] = {{"positionEncodings", offered}};
    return client.start({}, capabilities).at("capabilities").at("positionEncoding");
  };
  CHECK(chosen(nullptr) == "utf-16");
  CHECK(chosen({"utf-16"}) == "utf-16");
  CHECK(chosen({"utf-16", "utf-8"}) == "utf-8");
  CHECK(chosen(Json::array({"utf-32"})) == "utf-32");
  CHECK(chosen(Json::array({"ebcdic"})) == "utf-16");
}

TEST_CASE("LSP diagnostics: published, with all that the client shows, and cleared") {
  Workspace all;
  const std::string uri = all.uri("dag.py");
  all.client.open(uri, kDag);
  CHECK(all.found("dag.py") == Strings{"KAP207 4:32-4:42", "KAP207 5:32-5:42"});
  const Json one = all.client.diagnostics(uri).at(0);
  CHECK(one.at("source") == "dagfix");
  CHECK(one.at("severity") == 1);
  CHECK(one.at("codeDescription").at("href").get<std::string>().starts_with("https://"));
  CHECK(one.at("data").at("rule") == "dcm-send-argument");
  CHECK(one.at("data").at("version") == 1);
  const Json import = one.at("relatedInformation").at(0);
  CHECK(import.at("location").at("range").at("start") == Json{{"line", 1}, {"character", 46}});
  CHECK(all.client.last("textDocument/publishDiagnostics").at("version") == 1);

  all.client.change(uri, 2, insertion(0, 0, "\n"));
  all.client.run();
  CHECK(all.found("dag.py") == Strings{"KAP207 5:32-5:42", "KAP207 6:32-6:42"});
  all.client.notify("textDocument/didClose", all.params("dag.py"));
  all.client.run();
  CHECK(all.client.diagnostics(uri).empty());
  CHECK(code_of(all.client.request("textDocument/hover", all.at("dag.py", 0, 0))) == -32602);
}

TEST_CASE("LSP diagnostics: changes that wait in line are looked at together") {
  Workspace all;
  const std::string uri = all.uri("dag.py");
  all.client.open(uri, kDag);
  all.client.received.clear();
  for (int version = 2; version < 12; ++version) {
    all.client.change(uri, version, insertion(0, 0, "#\n"));
  }
  all.client.run();
  const auto published = std::ranges::count_if(all.client.received, [](const Json& message) {
    return message.value("method", "") == "textDocument/publishDiagnostics";
  });
  CHECK(published == 1);
  CHECK(all.found("dag.py") == Strings{"KAP207 14:32-14:42", "KAP207 15:32-15:42"});
}

TEST_CASE("LSP diagnostics: published also if a request comes right behind the change") {
  Workspace all;
  const std::string uri = all.uri("dag.py");
  all.client.open(uri, kDag);
  all.client.change(uri, 2, insertion(0, 0, "\n"));
  all.client.send_request("textDocument/hover", all.at("dag.py", 0, 0));
  all.client.run();
  CHECK(all.client.last("textDocument/publishDiagnostics").at("version") == 2);
  CHECK(all.found("dag.py") == Strings{"KAP207 5:32-5:42", "KAP207 6:32-6:42"});
  all.client.received.clear();
  all.client.request("textDocument/hover", all.at("dag.py", 0, 0));
  CHECK(all.client.all("textDocument/publishDiagnostics").empty());
}

TEST_CASE("LSP diagnostics: an old version or a closed document changes nothing") {
  Workspace all;
  const std::string uri = all.uri("dag.py");
  all.client.open(uri, kDag, 5);
  all.client.received.clear();
  all.client.change(uri, 5, insertion(0, 0, "\n"));
  all.client.change(uri, 4, insertion(0, 0, "\n"));
  all.client.change(all.uri("other.py"), 4, insertion(0, 0, "\n"));
  all.client.run();
  CHECK(all.client.diagnostics(uri).is_null());
  CHECK(all.client.last("window/logMessage").at("message").get<std::string>().contains("not open"));
}

TEST_CASE("LSP diagnostics: columns behind an emoji, in each encoding") {
  const std::string line =
      "x = '\xf0\x9f\x98\x80 e\xcc\x81'; send = DcmSendOperator(ram_mem_mb=2)\r";
  const std::string text =
      "from kaapana.operators.DcmSendOperator import DcmSendOperator\r\n" + line;
  for (const auto& [name, column] :
       {std::pair("utf-8", 39), std::pair("utf-16", 36), std::pair("utf-32", 35)}) {
    Json capabilities = LspClient::capabilities();
    capabilities["general"] = {{"positionEncodings", Json::array({name})}};
    Workspace all(capabilities);
    all.client.open(all.uri("dag.py"), text);
    INFO(name);
    CHECK(all.found("dag.py") ==
          Strings{"KAP207 1:" + std::to_string(column) + "-1:" + std::to_string(column + 10)});
  }
}

TEST_CASE("LSP diagnostics: pulled with a result that can be unchanged") {
  Json capabilities = LspClient::capabilities();
  capabilities["textDocument"]["diagnostic"] = Json::object();
  Workspace all(capabilities);
  CHECK(all.first.at("capabilities").at("diagnosticProvider").at("workspaceDiagnostics") == true);
  const std::string uri = all.uri("dag.py");
  all.folder.write("closed.py", kDag);
  // The answer waits for the folder to be read.
  all.client.notify(
      "textDocument/didOpen",
      {{"textDocument", {{"uri", uri}, {"languageId", "python"}, {"version", 1}, {"text", kDag}}}});
  const Json full = all.client.result("textDocument/diagnostic", all.params("dag.py"));
  CHECK(full.at("kind") == "full");
  CHECK(full.at("items").size() == 2);
  CHECK(full.at("items").at(0).at("message").is_string());
  Json again = all.params("dag.py");
  again["previousResultId"] = full.at("resultId");
  CHECK(all.client.result("textDocument/diagnostic", again).at("kind") == "unchanged");
  // Another version with the same diagnostics is unchanged, other places are not.
  all.client.change(uri, 2, insertion(6, 0, "# the end\n"));
  CHECK(all.client.result("textDocument/diagnostic", again).at("kind") == "unchanged");
  all.client.change(uri, 3, insertion(0, 0, "\n"));
  CHECK(all.client.result("textDocument/diagnostic", again).at("kind") == "full");
  CHECK(all.client.diagnostics(uri).is_null());

  const Json workspace =
      all.client.result("workspace/diagnostic", {{"previousResultIds", Json::array()}});
  REQUIRE(workspace.at("items").size() == 2);
  Json previous = Json::array();
  for (const Json& item : workspace.at("items")) {
    CHECK(item.at("kind") == "full");
    previous.push_back({{"uri", item.at("uri")}, {"value", item.at("resultId")}});
  }
  previous.push_back({{"uri", all.uri("gone.py")}, {"value", "x"}});
  const Json second = all.client.result("workspace/diagnostic", {{"previousResultIds", previous}});
  REQUIRE(second.at("items").size() == 3);
  CHECK(second.at("items").at(0).at("kind") == "unchanged");
  CHECK(second.at("items").at(2).at("items").empty());
}

TEST_CASE("LSP actions: a quick fix with a version, and kinds by their beginning") {
  Workspace all;
  all.client.open(all.uri("dag.py"), kDag, 3);
  const Json actions = all.actions("dag.py", 4, 34);
  const Json* const fix = titled(actions, "ram_mem_mb");
  REQUIRE(fix);
  CHECK(fix->at("kind") == "quickfix");
  CHECK(fix->at("isPreferred") == true);
  CHECK(fix->at("diagnostics").size() == 1);
  const Json& change = fix->at("edit").at("documentChanges").at(0);
  CHECK(change.at("textDocument") == Json{{"uri", all.uri("dag.py")}, {"version", 3}});
  CHECK(applied(kDag, fix->at("edit")).contains("send = DcmSendOperator(dag=dag)\n"));
  const auto kinds = [&](const Json& only) {
    std::set<std::string> found;
    for (const Json& action : all.actions("dag.py", 4, 34, {{"only", only}})) {
      found.insert(action.at("kind"));
    }
    return found;
  };
  using Set = std::set<std::string>;
  CHECK(kinds({"quickfix"}) == Set{"quickfix"});
  CHECK(kinds({"source"}) == Set{"source.fixAll.dagfix"});
  CHECK(kinds({"source.fixAll"}) == Set{"source.fixAll.dagfix"});
  CHECK(kinds({"source.fixAll.dagfix"}) == Set{"source.fixAll.dagfix"});
  CHECK(kinds({"source.fixAll.dagfix.unsafe"}) == Set{"source.fixAll.dagfix.unsafe"});
  CHECK(kinds({"source.fix"}).empty());
  CHECK(kinds({"refactor"}).empty());
  CHECK(all.actions("dag.py", 0, 0, {{"only", {"quickfix"}}}).empty());
}

TEST_CASE("LSP actions: an action for another version is refused") {
  Workspace all;
  all.client.open(all.uri("dag.py"), kDag);
  const Json actions = all.actions("dag.py", 4, 34);
  const Json* const all_of_rule = titled(actions, "Fix all 2 findings of dcm-send-argument");
  REQUIRE(all_of_rule);
  const Json resolved = all.client.result("codeAction/resolve", *all_of_rule);
  const std::string fixed = applied(kDag, resolved.at("edit"));
  CHECK_FALSE(fixed.contains("ram_mem_mb"));
  all.client.change(all.uri("dag.py"), 2, insertion(0, 0, "\n"));
  CHECK(code_of(all.client.request("codeAction/resolve", *all_of_rule)) == -32801);
  const Json old{{"command", "dagfix.migrateFile"},
                 {"arguments", {{{"uri", all.uri("dag.py")}, {"version", 1}}}}};
  CHECK(code_of(all.client.request("workspace/executeCommand", old)) == -32801);
}

TEST_CASE("LSP actions: what is offered to ignore silences the finding") {
  Workspace all;
  const std::string uri = all.uri("dag.py");
  const std::string text = "#!/usr/bin/env python\r\n" + std::string(kDag);
  for (const std::string_view place : {"on this line", "in this file"}) {
    all.client.open(uri, text);
    const Json actions = all.actions("dag.py", 5, 34);
    const Json* const ignore =
        titled(actions, std::string("Ignore dcm-send-argument ") + std::string(place));
    REQUIRE(ignore);
    const std::string ignored = applied(text, ignore->at("edit"));
    INFO(ignored);
    CHECK(ignored.starts_with("#!"));
    all.client.notify("textDocument/didClose", all.params("dag.py"));
    all.client.open(uri, ignored);
    CHECK(all.found("dag.py").size() == (place == "in this file" ? 0 : 1));
  }
}

TEST_CASE("LSP actions: an unsafe fix asks for confirmation, a safe one does not") {
  const std::string text =
      "from kaapana.operators.CombineMasksOperator import CombineMasksOperator\n"
      "from airflow.models import DAG\n"
      "dag = DAG(dag_id='d', schedule_interval=None)\n"
      "combine = CombineMasksOperator(dag=dag, input_operator=None)\n";
  Workspace all;
  all.folder.write("dagfix.toml", "from = \"0.2.6\"\nto = \"0.3.5\"\n");
  all.client.open(all.uri("dag.py"), text);
  const Json actions = all.actions("dag.py", 0, 60, {{"only", {"quickfix"}}});
  const Json* const unsafe = titled(actions, "unsafe");
  REQUIRE(unsafe);
  CHECK_FALSE(unsafe->contains("isPreferred"));
  check_confirmation(unsafe->at("edit"));
  const Json whole = all.actions("dag.py", 0, 0, {{"only", {"source.fixAll.dagfix.unsafe"}}});
  check_confirmation(all.client.result("codeAction/resolve", whole.at(0)).at("edit"));

  all.client.open(all.uri("safe.py"), kDag);
  all.folder.write("dagfix.toml", "from = \"0.3.5\"\n");
  all.client.notify("workspace/didChangeWatchedFiles",
                    {{"changes", {{{"uri", all.uri("dagfix.toml")}, {"type", 2}}}}});
  all.client.run();
  const Json safe = all.actions("safe.py", 4, 34);
  const Json* const fix = titled(safe, "ram_mem_mb");
  REQUIRE(fix);
  CHECK_FALSE(fix->at("edit").contains("changeAnnotations"));
  CHECK_FALSE(fix->at("edit").dump().contains("annotationId"));
}

TEST_CASE("LSP hover: what changed in which version") {
  Workspace all;
  const std::string text =
      std::string(kDag) +
      "from kaapana.operators.LocalMinioOperator import LocalMinioOperator as M\n"
      "put = M(dag=dag, zip_files=True)\nlabel = 'delete-series-from-platform'\n"
      "labels = {'network-access': 0, 'kaapana.ai/type': 1}\n";
  all.client.open(all.uri("dag.py"), text);
  const auto hover = [&](int line, int character) {
    const Json found = all.client.result("textDocument/hover", all.at("dag.py", line, character));
    return found.is_null() ? std::string() : found.at("contents").at("value").get<std::string>();
  };
  CHECK(hover(7, 6).contains("Since 0.4.0"));
  CHECK(hover(4, 10).contains("`ram_mem_mb` (since 0.4.1)"));
  CHECK_FALSE(hover(4, 10).contains("0.6.0"));
  CHECK(hover(7, 6).contains("`MinioOperator` takes its place"));
  CHECK(hover(6, 60).contains("[KAP103 local-minio](https://"));
  CHECK(hover(7, 20).contains("`zip_files`"));
  CHECK(hover(4, 34).contains("Since 0.4.1"));
  CHECK(hover(4, 34).contains("dcm-send-argument"));
  CHECK(hover(8, 15).contains("renamed-dag-id"));
  CHECK(hover(9, 13).starts_with("Since 0.4.1 `network-access: opensearch` is `network-access-"));
  CHECK(hover(9, 13).contains("[KAP203 network-access-label]"));
  CHECK(hover(9, 35).starts_with("Since 0.6.0 the label for what was `pod-type: processing"));
  CHECK(hover(3, 2).empty());
  CHECK(hover(99, 99).empty());
}

TEST_CASE("LSP completion: rules within the list of an ignore comment") {
  Workspace all;
  const std::string text = std::string(kDag).substr(0, kDag.size() - 1) +
                           "  # dagfix: ignore[dcm, loc]\nx = 'ignore['\n";
  all.client.open(all.uri("dag.py"), text);
  const auto complete = [&](int line, int character) {
    return all.client.result("textDocument/completion", all.at("dag.py", line, character));
  };
  const Json list = complete(5, 74);
  REQUIRE(list.is_object());
  const auto item = std::ranges::find(list.at("items"), Json("dcm-send-argument"),
                                      [](const Json& one) { return one.at("label"); });
  REQUIRE(item != list.at("items").end());
  CHECK(item->at("sortText").get<std::string>().starts_with("0"));
  CHECK(item->at("textEdit").at("range").at("start").at("character") == 72);
  CHECK(item->at("textEdit").at("range").at("end").at("character") == 75);
  CHECK(complete(5, 40).is_null());
  CHECK(complete(6, 12).is_null());
}

TEST_CASE("LSP documents: outside of folders, not on disk, excluded, too long, not Python") {
  Workspace all;
  all.client.open("untitled:Untitled-1",
                  "from kaapana.operators.DcmSendOperator import DcmSendOperator\n"
                  "DcmSendOperator(ram_mem_mb=1)\n");
  CHECK(all.client.diagnostics("untitled:Untitled-1").size() == 1);
  all.folder.write("dagfix.toml", "from = \"0.3.5\"\nexclude = [\"old/\"]\n");
  all.folder.write("old/dag.py", kDag);
  all.client.notify("workspace/didChangeWatchedFiles",
                    {{"changes", {{{"uri", all.uri("dagfix.toml")}, {"type", 2}}}}});
  all.client.open(all.uri("old/dag.py"), kDag);
  CHECK(all.client.diagnostics(all.uri("old/dag.py")).empty());
  std::string large(5u << 20, '#');
  all.client.open(all.uri("large.py"), large);
  CHECK(all.client.diagnostics(all.uri("large.py"))
            .at(0)
            .at("message")
            .get<std::string>()
            .contains("4 MiB"));
  all.client.open(all.uri("nul.py"), std::string("DcmSendOperator\0", 16));
  CHECK(all.client.diagnostics(all.uri("nul.py")).empty());
}

TEST_CASE("LSP messages: half of a surrogate pair does not lose the message") {
  Workspace all;
  all.client.open(all.uri("dag.py"), kDag);
  all.client.send_text(
      R"({"jsonrpc":"2.0","method":"textDocument/didChange","params":{"textDocument":{"uri":")" +
      all.uri("dag.py") +
      R"(","version":2},"contentChanges":[{"range":{"start":{"line":0,"character":0},)"
      R"("end":{"line":0,"character":0}},"text":"# \ud83d \ud83d\ude00 \\ud83d\n"}]}})");
  all.client.run();
  CHECK(all.found("dag.py") == Strings{"KAP207 5:32-5:42", "KAP207 6:32-6:42"});
}

#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/lsp_host.hpp"
#include "lsp/text.hpp"
#include "lsp/uri.hpp"
#include "support/lsp_client.hpp"
#include "support/temp_folder.hpp"

namespace dagfix::test {

using Strings = std::vector<std::string>;

/// A DAG with two findings from 0.3.5 on.
inline constexpr std::string_view kDag =
    "from airflow.models import DAG\n"
    "from kaapana.operators.DcmSendOperator import DcmSendOperator\n"
    "\n"
    "dag = DAG(dag_id=\"send\", schedule_interval=None)\n"
    "send = DcmSendOperator(dag=dag, ram_mem_mb=2000)\n"
    "more = DcmSendOperator(dag=dag, ram_mem_mb=3000)\n";

/// A folder with a configuration file, and a client that has it open.
struct Workspace {
  explicit Workspace(Json capabilities = LspClient::capabilities()) : client(host) {
    folder.write("dagfix.toml", "from = \"0.3.5\"\n");
    first = client.start({folder.path()}, std::move(capabilities));
  }

  std::string uri(std::string_view name) const { return lsp::uri_of_path(folder.path(name)); }
  Json params(std::string_view name) const { return {{"textDocument", {{"uri", uri(name)}}}}; }
  Json at(std::string_view name, int line, int character) const {
    Json all = params(name);
    all["position"] = {{"line", line}, {"character", character}};
    return all;
  }
  Json actions(std::string_view name, int line, int character, Json context = Json::object()) {
    Json all = params(name);
    const Json place{{"line", line}, {"character", character}};
    all["range"] = {{"start", place}, {"end", place}};
    if (!context.contains("diagnostics")) context["diagnostics"] = Json::array();
    all["context"] = std::move(context);
    return client.result("textDocument/codeAction", all);
  }
  /// The diagnostics last published: "KAP101 2:5-2:30", ...
  Strings found(std::string_view name) const {
    return LspClient::places(client.diagnostics(uri(name)));
  }

  TempFolder folder;
  LspHost host;
  LspClient client;
  Json first;
};

/// The changes of a document that insert a text.
inline Json insertion(int line, int character, std::string_view text) {
  const Json place{{"line", line}, {"character", character}};
  return Json::array({{{"range", {{"start", place}, {"end", place}}}, {"text", text}}});
}

/// `text` with the edits of a document in a WorkspaceEdit made, counted in UTF-16.
inline std::string applied(std::string_view text, const Json& edit, std::size_t file = 0) {
  const auto edits_json = edit.at("documentChanges").at(file).at("edits");
  std::vector<Json> edits(edits_json.begin(), edits_json.end());
  std::ranges::sort(edits, [](const Json& a, const Json& b) {
    const auto key = [](const Json& one) {
      const Json& start = one.at("range").at("start");
      return std::pair(start.at("line").get<int>(), start.at("character").get<int>());
    };
    return key(a) > key(b);
  });
  lsp::Text result{std::string(text)};
  for (const Json& one : edits) {
    const auto place = [&](const char* end) {
      const Json& at = one.at("range").at(end);
      return result.offset({at.at("line"), at.at("character")}, lsp::Encoding::utf16);
    };
    result.replace({place("start"), place("end")}, one.at("newText").get<std::string>());
  }
  return result.str();
}

/// The first action whose title has this part; null: there is none.
inline const Json* titled(const Json& actions, std::string_view part) {
  for (const Json& action : actions) {
    if (action.at("title").get<std::string>().contains(part)) return &action;
  }
  return nullptr;
}

/// The code of an error response; 0 of any other.
inline int code_of(const Json& response) {
  return response.contains("error") ? response.at("error").at("code").get<int>() : 0;
}

}  // namespace dagfix::test

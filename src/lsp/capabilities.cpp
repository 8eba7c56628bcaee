#include "lsp/capabilities.hpp"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "lsp/commands.hpp"
#include "report/common.hpp"

namespace dagfix::lsp {

namespace {

using Json = nlohmann::json;

const Json* find(const Json& params, std::initializer_list<const char*> path) {
  const Json* at = &params;
  for (const char* const key : path) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(key);
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

bool has(const Json& params, std::initializer_list<const char*> path) {
  const Json* const found = find(params, path);
  return found && found->is_boolean() && found->get<bool>();
}

bool lists(const Json* list, const Json& value) {
  return list && list->is_array() && std::ranges::find(*list, value) != list->end();
}

Encoding choose_encoding(const Json* offered) {
  // UTF-8 needs no counting here.
  if (lists(offered, "utf-8")) return Encoding::utf8;
  if (!lists(offered, "utf-16") && lists(offered, "utf-32")) return Encoding::utf32;
  return Encoding::utf16;
}

std::string_view name_of(Encoding encoding) {
  constexpr std::array<std::string_view, 3> kNames{"utf-8", "utf-16", "utf-32"};
  return kNames.at(static_cast<std::size_t>(encoding));
}

}  // namespace

Capabilities read_capabilities(const Json& params) {
  Capabilities out;
  const auto of = [&](std::initializer_list<const char*> path) {
    const Json* const all = find(params, {"capabilities"});
    return all ? find(*all, path) : nullptr;
  };
  const auto can = [&](std::initializer_list<const char*> path) {
    const Json* const all = find(params, {"capabilities"});
    return all && has(*all, path);
  };
  out.encoding = choose_encoding(of({"general", "positionEncodings"}));
  out.configuration = can({"workspace", "configuration"});
  out.watched_files = can({"workspace", "didChangeWatchedFiles", "dynamicRegistration"});
  out.config_changes = can({"workspace", "didChangeConfiguration", "dynamicRegistration"});
  out.progress = can({"window", "workDoneProgress"});
  out.document_changes = can({"workspace", "workspaceEdit", "documentChanges"});
  out.annotations = of({"workspace", "workspaceEdit", "changeAnnotationSupport"}) != nullptr;
  out.apply_edit = can({"workspace", "applyEdit"});
  out.pull = of({"textDocument", "diagnostic"}) != nullptr;
  out.refresh = can({"workspace", "diagnostics", "refreshSupport"});
  const char* const where = out.pull ? "diagnostic" : "publishDiagnostics";
  // Before 3.18 these are said of pushed diagnostics only and hold for both.
  const auto shows = [&](const char* what) {
    return can({"textDocument", where, what}) || can({"textDocument", "publishDiagnostics", what});
  };
  out.related = shows("relatedInformation");
  out.code_description = shows("codeDescriptionSupport");
  out.data = shows("dataSupport");
  for (const char* const place : {where, "publishDiagnostics"}) {
    const Json* const tags = of({"textDocument", place, "tagSupport", "valueSet"});
    out.unnecessary_tag = out.unnecessary_tag || lists(tags, 1);
    out.deprecated_tag = out.deprecated_tag || lists(tags, 2);
  }
  out.markup_messages = can({"textDocument", where, "markupMessageSupport"});
  out.edit_metadata = can({"workspace", "workspaceEdit", "metadataSupport"});
  out.text_contents = of({"workspace", "textDocumentContent"}) != nullptr;
  out.action_literals = of({"textDocument", "codeAction", "codeActionLiteralSupport"}) != nullptr;
  out.disabled_actions = can({"textDocument", "codeAction", "disabledSupport"});
  out.resolve_edit =
      lists(of({"textDocument", "codeAction", "resolveSupport", "properties"}), "edit");
  return out;
}

Json server_capabilities(const Capabilities& client) {
  Json all{
      {"positionEncoding", name_of(client.encoding)},
      {"textDocumentSync", {{"openClose", true}, {"change", 2}, {"save", false}}},
      {"codeActionProvider",
       {{"codeActionKinds", {"quickfix", "source.fixAll.dagfix"}}, {"resolveProvider", true}}},
      {"hoverProvider", true},
      {"completionProvider", {{"triggerCharacters", {"[", ","}}}},
      {"executeCommandProvider", {{"commands", command_names()}}},
      {"workspace", {{"workspaceFolders", {{"supported", true}, {"changeNotifications", true}}}}},
  };
  if (client.text_contents) {
    all["workspace"]["textDocumentContent"] = {{"schemes", {kFixedScheme}}};
  }
  if (client.pull) {
    all["diagnosticProvider"] = {{"identifier", "dagfix"},
                                 {"interFileDependencies", true},
                                 {"workspaceDiagnostics", true},
                                 {"workDoneProgress", true}};
  }
  return {{"capabilities", std::move(all)},
          {"serverInfo", {{"name", kToolName}, {"version", tool_version()}}}};
}

}  // namespace dagfix::lsp

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fix/edits.hpp"
#include "lsp/actions.hpp"
#include "lsp/completion.hpp"
#include "lsp/hover.hpp"
#include "lsp/project_fixes.hpp"
#include "lsp/protocol.hpp"
#include "lsp/server.hpp"
#include "lsp/uri.hpp"
#include "semantic/model.hpp"

namespace dagfix::lsp {

namespace {

std::vector<std::string> kinds_of(const Json& params) {
  std::vector<std::string> kinds;
  const Json* const context = optional_member(params, "context");
  const Json* const only = context ? optional_member(*context, "only") : nullptr;
  if (!only || !only->is_array()) return kinds;
  for (const Json& kind : *only) {
    if (kind.is_string()) kinds.push_back(kind.get<std::string>());
  }
  return kinds;
}

std::optional<Hover> hover_in(Document& document, const Survey& survey, const Capabilities& client,
                              std::uint32_t offset) {
  const Explained about{*survey.book, document.analysis.file.findings, survey.rules->from(),
                        survey.rules->to(),
                        [&](const RuleInfo& rule) { return page_of(rule, client); }};
  if (document.kind != FileKind::python) return hover_at(about, offset);
  const SourceFile file = source_of(document);
  const SyntaxTree tree = document.parser.parse(file.text());
  const FileResolver resolver(*survey.project, document.path);
  return hover_at(SemanticModel::build(tree, resolver), about, offset);
}

[[noreturn]] void refuse_old(std::string_view what) {
  throw RequestError(ErrorCode::content_modified,
                     std::string(what) + " is for another version of the document");
}

}  // namespace

std::optional<Json> Server::code_action(const Json& params) {
  Document& document = document_of(member(params, "textDocument"));
  ensure_analysed(document);
  const Folder& folder = folders_.find(document.folder)->second;
  // Without literals there are only commands, which no client of today lacks literals for.
  if (!folder.survey || !client_.action_literals) return Json::array();
  const ByteRange range = document.text.bytes(range_of(member(params, "range")), client_.encoding);
  const FileView view{document.uri, document.version, document.text};
  const Json diagnostics =
      diagnostics_of(view, document.analysis.file, *folder.survey->book, client_);
  const auto only = kinds_of(params);
  Json all = Json::array();
  for (Action& action : actions_at(document, *folder.survey, range, only)) {
    Json one{{"title", action.title}, {"kind", action.kind}};
    if (action.is_preferred) one["isPreferred"] = true;
    Json remedied = Json::array();
    for (const std::size_t index : action.findings) remedied.push_back(diagnostics[index]);
    if (!remedied.empty()) one["diagnostics"] = std::move(remedied);
    Change& change = action.change;
    const bool is_open = change.edits.empty() && change.complaint.empty();
    if (is_open && client_.resolve_edit) {
      one["data"] = {{"uri", document.uri},
                     {"version", document.version},
                     {"kind", action.kind},
                     {"rule", action.rule}};
      if (action.fix) one["data"]["fix"] = *action.fix;
    } else {
      if (is_open) change = change_of(document, *folder.survey, action);
      if (!change.complaint.empty()) {
        tell_once(change.complaint);
        if (!client_.disabled_actions) continue;
        one["disabled"] = {{"reason", change.complaint}};
      } else if (change.edits.empty()) {
        continue;
      } else {
        WorkspaceEdit edit(client_);
        edit.add(view, change.edits, confirmation_for(change.safety));
        one["edit"] = edit.take();
      }
    }
    all.push_back(std::move(one));
  }
  return all;
}

std::optional<Json> Server::resolve_action(const Json& params) {
  Json action = params;
  const Json* const data = optional_member(params, "data");
  // An action that had its edit from the start is done.
  if (!data) return action;
  Document& document = document_of(*data);
  if (integer_of(*data, "version") != document.version) refuse_old("the action");
  ensure_analysed(document);
  const Folder& folder = folders_.find(document.folder)->second;
  if (!folder.survey) refuse_old("the action");
  Action chosen{{}, string_of(*data, "kind"), false, {}, string_of(*data, "rule"), {}, {}};
  if (optional_member(*data, "fix")) {
    const std::int64_t fix = integer_of(*data, "fix");
    const auto& fixes = document.analysis.file.fixes;
    // A file elsewhere may have changed what can be fixed here.
    if (fix < 0 || std::cmp_greater_equal(fix, fixes.size())) refuse_old("the action");
    chosen.fix = static_cast<std::uint32_t>(fix);
    if (title_of(fixes[*chosen.fix]) != string_of(params, "title")) refuse_old("the action");
  }
  const Change change = change_of(document, *folder.survey, chosen);
  refuse_complaint(change);
  WorkspaceEdit edit(client_);
  edit.add({document.uri, document.version, document.text}, change.edits,
           confirmation_for(change.safety));
  action["edit"] = edit.take();
  return action;
}

std::optional<Json> Server::hover(const Json& params) {
  Document& document = document_of(member(params, "textDocument"));
  ensure_analysed(document);
  const Folder& folder = folders_.find(document.folder)->second;
  if (!folder.survey || !document.kind || document.text.str().size() > kMostAnalysedBytes) {
    return Json();
  }
  const std::uint32_t offset =
      document.text.offset(position_of(member(params, "position")), client_.encoding);
  const auto hover = hover_in(document, *folder.survey, client_, offset);
  if (!hover) return Json();
  return Json{{"contents", {{"kind", "markdown"}, {"value", hover->markdown}}},
              {"range", to_json(document.text.range(hover->range, client_.encoding))}};
}

std::optional<Json> Server::completion(const Json& params) {
  Document& document = document_of(member(params, "textDocument"));
  ensure_analysed(document);
  const Folder& folder = folders_.find(document.folder)->second;
  if (!folder.survey) return Json();
  const std::uint32_t offset =
      document.text.offset(position_of(member(params, "position")), client_.encoding);
  const auto completion = complete_at(document.text.str(), document.text.line_at(offset), offset,
                                      *folder.survey->book, document.analysis.file.findings);
  if (!completion) return Json();
  const Json range = to_json(document.text.range(completion->replace, client_.encoding));
  Json items = Json::array();
  for (const CompletionItem& item : completion->items) {
    items.push_back({{"label", item.label},
                     {"kind", 20},
                     {"detail", item.detail},
                     {"documentation", {{"kind", "markdown"}, {"value", item.documentation}}},
                     {"sortText", item.sort},
                     {"textEdit", {{"range", range}, {"newText", item.label}}}});
  }
  return Json{{"isIncomplete", false}, {"items", std::move(items)}};
}

std::optional<Json> Server::migrated_text(const Json& params) {
  const std::string& uri = string_of(params, "uri");
  if (!uri.starts_with(fmt::format("{}:", kFixedScheme))) {
    throw RequestError(ErrorCode::invalid_params, fmt::format("{} is not of this server", uri));
  }
  const std::string file_uri = fmt::format("file:{}", uri.substr(kFixedScheme.size() + 1));
  const auto path = path_of_uri(file_uri);
  const auto open = documents_.find(file_uri);
  Document closed;
  Folder* folder = nullptr;
  if (open != documents_.end()) {
    folder = &folders_.find(open->second.folder)->second;
    ensure_analysed(open->second);
  } else if (const Place place = path ? place_of(*path) : Place{}; place.folder) {
    folder = place.folder;
    closed.path = place.path;
    const auto file = folder->survey ? load_buffer(*folder->survey, place.path) : std::nullopt;
    if (file) closed.text = Text(std::string(file->text()));
    if (folder->survey && !file) folder = nullptr;
  }
  if (!folder) {
    throw RequestError(ErrorCode::invalid_params, fmt::format("{} is no known file", file_uri));
  }
  if (!folder->survey) {
    throw RequestError(ErrorCode::request_failed, "the folder is not read yet");
  }
  const Document& document = open != documents_.end() ? open->second : closed;
  const Survey& survey = *folder->survey;
  const Change change = fix_document(document, survey, *survey.rules, Safety::safe);
  refuse_complaint(change);
  shown_migrated_.insert(file_uri);
  return Json{{"text", apply_edits(document.text.str(), change.edits)}};
}

}  // namespace dagfix::lsp

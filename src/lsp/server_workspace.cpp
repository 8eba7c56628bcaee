#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lsp/actions.hpp"
#include "lsp/check.hpp"
#include "lsp/commands.hpp"
#include "lsp/project_fixes.hpp"
#include "lsp/protocol.hpp"
#include "lsp/server.hpp"
#include "lsp/uri.hpp"
#include "report/rule_page.hpp"
#include "rules/tables.hpp"

namespace dagfix::lsp {

namespace {

bool is_set(const Json& argument, const char* name) {
  const Json* const value = argument.is_object() ? optional_member(argument, name) : nullptr;
  return value && value->is_boolean() && value->get<bool>();
}

/// The answer to a pull: what the client has already is not sent again.
Json report_of(const Checked& checked, const Json& previous) {
  std::map<std::string, std::string> had;
  if (previous.is_array()) {
    for (const Json& one : previous) had.emplace(string_of(one, "uri"), string_of(one, "value"));
  }
  Json items = Json::array();
  const auto add = [&](const std::string& uri, const std::string& id, const Json& diagnostics,
                       const std::string* known) {
    Json report{{"uri", uri}, {"version", nullptr}, {"resultId", id}};
    const bool is_same = known && *known == id;
    report["kind"] = is_same ? "unchanged" : "full";
    if (!is_same) report["items"] = diagnostics;
    items.push_back(std::move(report));
  };
  for (const CheckedFile& file : checked.files) {
    const auto known = had.find(file.uri);
    add(file.uri, file.result_id, file.items, known == had.end() ? nullptr : &known->second);
    if (known != had.end()) had.erase(known);
  }
  const Json none = Json::array();
  for (const auto& [uri, id] : had) add(uri, result_id_of(none), none, &id);
  return {{"items", std::move(items)}};
}

}  // namespace

std::vector<const Folder*> Server::folders_of(const Json& argument) const {
  const Json* const wanted = argument.is_object() ? optional_member(argument, "folder") : nullptr;
  std::vector<const Folder*> found;
  for (const auto& [key, folder] : folders_) {
    const bool is_named = wanted && *wanted == folder.uri;
    if (wanted ? is_named : !folder.file.has_value()) found.push_back(&folder);
  }
  if (wanted && found.empty()) {
    throw RequestError(ErrorCode::invalid_params, "the workspace has no such folder");
  }
  return found;
}

OpenFiles Server::open_files() const {
  OpenFiles files;
  for (const auto& [uri, document] : documents_) {
    const std::string& folder = folders_.find(document.folder)->second.path;
    files[path_in(folder, document.path)] = {uri, document.version};
  }
  return files;
}

std::shared_ptr<Progress> Server::progress_of(const Json& params, std::string title,
                                              std::shared_ptr<std::atomic<bool>> cancelled) {
  const Json* const given = optional_member(params, "workDoneToken");
  if (!given && !client_.progress) return nullptr;
  const bool is_own = given == nullptr;
  const Json token = given ? *given : Json(fmt::format("dagfix/{}", next_id_++));
  return std::make_shared<Progress>(
      [this, is_own, token, title = std::move(title), cancelled = std::move(cancelled)](
          std::string_view kind, std::string message, int percent) {
        environment_.post([this, is_own, token, title, cancelled, kind = std::string(kind),
                           message = std::move(message), percent] {
          Json value{{"kind", kind}};
          if (kind == "begin") {
            if (is_own) {
              ask("window/workDoneProgress/create", {{"token", token}}, [](const Json&) {});
            }
            progress_tokens_.emplace(token.dump(), cancelled);
            value["title"] = title;
            value["cancellable"] = true;
          }
          if (kind != "end") {
            value["message"] = message;
            value["percentage"] = percent;
          } else {
            progress_tokens_.erase(token.dump());
          }
          notify("$/progress", {{"token", token}, {"value", std::move(value)}});
        });
      },
      environment_.now);
}

std::vector<SurveyRequest> Server::requests_for(const Json& argument, const Waiting& waiting,
                                                const Json& params, const std::string& title) {
  const auto progress = progress_of(params, title, waiting.cancelled);
  std::vector<SurveyRequest> requests;
  for (const Folder* const folder : folders_of(argument)) {
    SurveyRequest request = request_for(*folder);
    request.is_cancelled = [stop = waiting.cancelled] { return stop->load(); };
    if (progress) {
      request.begin = [progress](std::string_view phase, std::size_t steps) {
        progress->begin(phase, steps);
      };
      request.step = [progress] { progress->step(); };
    }
    requests.push_back(std::move(request));
  }
  return requests;
}

void Server::check_all(const Json& argument, const Json& params, const std::string& title,
                       std::function<Json(const Checked&)> answer) {
  const Waiting waiting = defer();
  auto requests = requests_for(argument, waiting, params, title);
  environment_.start([this, waiting, requests = std::move(requests), open = open_files(),
                      client = client_,
                      answer = std::move(answer)]() mutable -> std::function<void()> {
    auto checked = std::make_shared<std::expected<Checked, std::string>>(
        check_folders(host_, requests, open, client));
    // Their progress ends before the answer: the token means nothing behind it.
    requests.clear();
    return [this, waiting, checked, answer] {
      if (!*checked) return give_up(waiting, checked->error());
      if (settle(waiting)) reply(waiting.id, answer(**checked));
    };
  });
}

void Server::give_up(const Waiting& waiting, std::string_view error) {
  if (!settle(waiting)) return;
  const bool is_cancelled = error == kCancelled;
  fail(waiting.id, is_cancelled ? ErrorCode::request_cancelled : ErrorCode::request_failed, error);
}

void Server::take_in_open(Checked& checked) {
  for (auto& [uri, document] : documents_) {
    if (folders_.find(document.folder)->second.file) continue;
    auto items = items_now(document);
    if (!items) continue;
    const auto known = std::ranges::find(checked.files, uri, &CheckedFile::uri);
    if (known != checked.files.end()) {
      known->result_id = result_id_of(*items);
      known->items = *std::move(items);
    } else if (!items->empty()) {
      const std::string id = result_id_of(*items);
      checked.files.push_back({uri, document.path, *std::move(items), id});
    }
  }
}

std::optional<Json> Server::pull_workspace(const Json& params) {
  const Json* const given = optional_member(params, "previousResultIds");
  Json previous = given ? *given : Json::array();
  if (checked_ && checked_revision_ == revision_) {
    take_in_open(*checked_);
    // A text may tell something of other files.
    if (checked_revision_ == revision_) return report_of(*checked_, previous);
  }
  check_all(Json(), params, "dagfix: checking the workspace",
            [this, previous = std::move(previous), revision = revision_](const Checked& checked) {
              checked_ = checked;
              checked_revision_ = revision;
              return report_of(checked, previous);
            });
  return std::nullopt;
}

std::optional<Json> Server::execute_command(const Json& params) {
  const std::string& command = string_of(params, "command");
  const Json* const arguments = optional_member(params, "arguments");
  const bool has_argument = arguments && arguments->is_array() && !arguments->empty();
  const Json argument = has_argument ? arguments->front() : Json();
  if (command == kMigrateFile) return migrate_file(params, argument);
  if (command == kMigrateWorkspace) return migrate_workspace(params, argument);
  if (command == kShowPlan) return show_plan(params, argument);
  if (command == kRulePage) return rule_page(argument);
  throw RequestError(ErrorCode::invalid_params, fmt::format("no command '{}'", command));
}

std::optional<Json> Server::migrate_file(const Json&, const Json& argument) {
  const Json named = argument.is_string() ? Json{{"uri", argument}} : argument;
  Document& document = document_of(named);
  if (const Json* const version = optional_member(named, "version");
      version && *version != document.version) {
    throw RequestError(ErrorCode::content_modified,
                       "the command is for another version of the document");
  }
  ensure_analysed(document);
  const Folder& folder = folders_.find(document.folder)->second;
  if (!folder.survey) throw RequestError(ErrorCode::request_failed, "the folder is not read yet");
  const Survey& survey = *folder.survey;
  const Safety most = is_set(named, "unsafe") ? Safety::unsafe : survey.most;
  const Change change = fix_document(document, survey, *survey.rules, most);
  refuse_complaint(change);
  Json result{{"applied", false}, {"findings", change.findings}};
  if (change.edits.empty()) return result;
  WorkspaceEdit edit(client_);
  edit.add({document.uri, document.version, document.text}, change.edits,
           confirmation_for(change.safety));
  apply_edit(defer(), "dagfix: migrate the file", edit.take(), std::move(result));
  return std::nullopt;
}

std::optional<Json> Server::migrate_workspace(const Json& params, const Json& argument) {
  const Waiting waiting = defer();
  auto requests = requests_for(argument, waiting, params, "dagfix: migrating the workspace");
  environment_.start([this, waiting, requests = std::move(requests), open = open_files(),
                      unsafe = is_set(argument, "unsafe"), is_dry = is_set(argument, "dryRun"),
                      client = client_]() mutable -> std::function<void()> {
    auto migrated = std::make_shared<std::expected<Migrated, std::string>>(
        migrate_folders(host_, requests, open, unsafe, client));
    requests.clear();
    return [this, waiting, open, is_dry, migrated] {
      if (!*migrated) return give_up(waiting, migrated->error());
      Migrated& made = **migrated;
      if (open_files() != open) {
        if (!settle(waiting)) return;
        return fail(waiting.id, ErrorCode::content_modified, "a document was edited meanwhile");
      }
      for (const std::string& complaint : made.complaints) show(complaint);
      Json result{{"applied", false}, {"files", made.files}, {"diff", made.diff}};
      if (is_dry || made.files.empty()) {
        if (settle(waiting)) reply(waiting.id, result);
        return;
      }
      apply_edit(waiting, "dagfix: migrate the workspace", std::move(made.edit), std::move(result));
    };
  });
  return std::nullopt;
}

std::optional<Json> Server::show_plan(const Json& params, const Json& argument) {
  check_all(argument, params, "dagfix: planning",
            [](const Checked& checked) { return Json{{"markdown", checked.plan}}; });
  return std::nullopt;
}

std::optional<Json> Server::rule_page(const Json& argument) {
  const std::string& name = string_of(argument, "rule");
  for (const auto& [key, folder] : folders_) {
    const Rule* const rule = folder.survey ? folder.survey->book->find(name) : nullptr;
    if (!rule) continue;
    return Json{
        {"markdown", rule_page_markdown(rule->info, tables_of(*rule), graph_changes_of(*rule))}};
  }
  throw RequestError(ErrorCode::invalid_params, fmt::format("there is no rule '{}'", name));
}

void Server::refuse_complaint(const Change& change) {
  if (change.complaint.empty()) return;
  // Not every client shows why an action came to nothing.
  show(change.complaint);
  throw RequestError(ErrorCode::request_failed, change.complaint);
}

void Server::apply_edit(const Waiting& waiting, std::string_view label, Json edit, Json result) {
  if (!client_.apply_edit) {
    // The client may be able to do it when it has the edit.
    result["edit"] = std::move(edit);
    if (settle(waiting)) reply(waiting.id, result);
    return;
  }
  Json params{{"label", label}, {"edit", std::move(edit)}};
  // Editors that save the files of a refactoring by themselves do so here.
  if (client_.edit_metadata) params["metadata"] = {{"isRefactoring", true}};
  ask("workspace/applyEdit", params,
      [this, waiting, result = std::move(result)](const Json& answer) {
        Json done = result;
        done["applied"] = is_set(answer, "applied");
        if (settle(waiting)) reply(waiting.id, done);
      });
}

}  // namespace dagfix::lsp

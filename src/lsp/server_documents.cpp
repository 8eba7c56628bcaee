#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "lsp/protocol.hpp"
#include "lsp/server.hpp"
#include "lsp/uri.hpp"

namespace dagfix::lsp {

namespace {

constexpr std::chrono::milliseconds kTypingPause{200};

/// What is sent in place of findings when a text is not looked at.
Json too_large() {
  return Json::array(
      {{{"range", to_json(Range{})},
        {"severity", 3},
        {"source", "dagfix"},
        {"message", fmt::format("Longer than {} MiB: not checked while it is edited.\nRun dagfix "
                                "on the file to check it.",
                                kMostAnalysedBytes >> 20)}}});
}

/// By the name; what the editor takes for Python is Python, whatever its name.
std::optional<FileKind> kind_of_document(const Json& item, std::string_view uri) {
  if (const auto kind = kind_of_name(uri.substr(uri.rfind('/') + 1))) return kind;
  const Json* const language = optional_member(item, "languageId");
  return language && *language == "python" ? std::optional(FileKind::python) : std::nullopt;
}

/// As editors have it: without its byte order mark.
std::optional<std::string> text_on_disk(Host& host, const std::string& path) {
  constexpr std::string_view kMark = "\xef\xbb\xbf";
  auto text = host.read(path);
  if (text && text->starts_with(kMark)) text->erase(0, kMark.size());
  return text;
}

Json items_of(const Document& document, const Survey& survey, const Capabilities& client) {
  if (document.kind && document.text.str().size() > kMostAnalysedBytes) return too_large();
  return diagnostics_of({document.uri, document.version, document.text}, document.analysis.file,
                        *survey.book, client);
}

}  // namespace

void Server::did_open(const Json& params) {
  const Json& item = member(params, "textDocument");
  const std::string& uri = string_of(item, "uri");
  const std::int64_t version = integer_of(item, "version");
  const std::string& text = string_of(item, "text");
  Document& document = documents_[uri];
  document = Document{};
  ++revision_;
  document.uri = uri;
  document.version = version;
  document.kind = kind_of_document(item, uri);
  document.text = Text(text);
  const auto path = path_of_uri(uri);
  Folder& folder = folder_for(document, path);
  const auto disk = path ? text_on_disk(host_, *path) : std::nullopt;
  document.told = disk ? tells(document.kind, *disk) : 0;
  const bool is_known =
      folder.survey && folder.survey->project->index_of(document.path) != Project::npos;
  if (folder.survey && (!is_known || !disk || document.told != tells(document.kind, text))) {
    want_survey(folder, {});
  }
  if (pulled_unopened_.erase(uri) > 0) refresh_diagnostics();
}

void Server::did_change(const Json& params) {
  Document& document = document_of(member(params, "textDocument"));
  const Json& changes = member(params, "contentChanges");
  if (!changes.is_array()) throw RequestError(ErrorCode::invalid_params, "no list of changes");
  const std::int64_t version = integer_of(member(params, "textDocument"), "version");
  if (version <= document.version) {
    throw RequestError(ErrorCode::invalid_params,
                       fmt::format("version {} of {} does not follow version {}", version,
                                   document.uri, document.version));
  }
  // All or none: a text that is changed in part is nobody's.
  std::vector<std::pair<std::optional<Range>, const std::string*>> read;
  for (const Json& change : changes) {
    const Json* const range = optional_member(change, "range");
    read.emplace_back(range ? std::optional(range_of(*range)) : std::nullopt,
                      &string_of(change, "text"));
  }
  for (const auto& [range, text] : read) {
    if (range) {
      document.text.replace(document.text.bytes(*range, client_.encoding), *text);
    } else {
      document.text = Text(*text);
    }
  }
  document.version = version;
  document.is_stale = true;
  document.is_untold = true;
}

void Server::did_close(const Json& params) {
  Document& document = document_of(member(params, "textDocument"));
  const std::string uri = document.uri;
  if (document.is_published) {
    notify("textDocument/publishDiagnostics", {{"uri", uri}, {"diagnostics", Json::array()}});
  }
  const std::string key = document.folder;
  const auto path = path_of_uri(uri);
  const auto disk = path ? text_on_disk(host_, *path) : std::nullopt;
  const bool was_other = !disk || *disk != document.text.str();
  documents_.erase(uri);
  ++revision_;
  const auto folder = folders_.find(key);
  if (folder == folders_.end()) return;
  if (folder->second.file) {
    if (folder->second.running) *folder->second.running = true;
    folders_.erase(folder);
    retry_pulls();
  } else if (was_other) {
    want_survey(folder->second, {});
  }
}

Document& Server::document_of(const Json& params) {
  const std::string& uri = string_of(params, "uri");
  const auto found = documents_.find(uri);
  if (found == documents_.end()) {
    throw RequestError(ErrorCode::invalid_params, fmt::format("{} is not open", uri));
  }
  return found->second;
}

Document* Server::stale_document() {
  for (auto& [uri, document] : documents_) {
    const Folder& folder = folders_.find(document.folder)->second;
    const bool is_due = document.is_stale || (document.is_news && !client_.pull);
    if (is_due && folder.survey && !waits_for_survey(document)) return &document;
  }
  return nullptr;
}

bool Server::waits_for_survey(const Document& document) const {
  const Folder& folder = folders_.find(document.folder)->second;
  const bool is_known =
      folder.survey && folder.survey->project->index_of(document.path) != Project::npos;
  return !is_known && (folder.wanted || folder.running);
}

void Server::look_at(Document& document) {
  bring_up(document, Effort::quick);
  if (!client_.pull) publish(document);
}

void Server::ensure_analysed(Document& document) {
  for (auto& [uri, other] : documents_) {
    if (&other == &document || other.folder != document.folder) continue;
    bring_up(other, Effort::quick);
    tell_others(other);
  }
  bring_up(document, Effort::parts);
}

void Server::tell_others(Document& document) {
  const auto& survey = folders_.find(document.folder)->second.survey;
  if (!survey || !std::exchange(document.is_untold, false)) return;
  const std::size_t index = survey->project->index_of(document.path);
  if (index != Project::npos && survey->project->reread(index)) mark_others_stale(document);
}

void Server::bring_up(Document& document, Effort effort) {
  Folder& folder = folders_.find(document.folder)->second;
  const bool is_enough = effort == Effort::quick || !document.analysis.is_moved;
  if (!folder.survey || (!document.is_stale && is_enough)) return;
  document.is_news = true;
  Survey& survey = *folder.survey;
  if (survey.project->index_of(document.path) == Project::npos) {
    document.analysis = {};
    document.is_stale = false;
    return;
  }
  if (document.text.str().size() <= kMostAnalysedBytes) {
    survey.set_text(document.path, document.text.str());
  }
  if (analyse(document, survey, effort)) mark_others_stale(document);
  if (!document.analysis.is_exact || document.is_untold) {
    confirm_at_ = environment_.now() + kTypingPause;
  }
  if (const std::uint64_t now = tells(document.kind, document.text.str()); now != document.told) {
    document.told = now;
    survey.imports.reset();
    want_survey(folder, kTypingPause);
  }
}

std::optional<Json> Server::items_now(Document& document) {
  if (waits_for_survey(document)) return std::nullopt;
  bring_up(document, Effort::quick);
  const Folder& folder = folders_.find(document.folder)->second;
  // Without a survey the settings are wrong, which was told.
  return folder.survey ? items_of(document, *folder.survey, client_) : Json(Json::array());
}

std::optional<Json> Server::items_on_disk(const std::string& uri) {
  // If the client says only later that it is open, it has to ask again.
  pulled_unopened_.insert(uri);
  const auto path = path_of_uri(uri);
  const Place place = path ? place_of(*path) : Place{};
  const Folder* const folder = place.folder;
  if (!folder) return Json::array();
  if (!folder->survey) {
    return folder->wanted || folder->running ? std::nullopt : std::optional(Json::array());
  }
  return check_file(*folder->survey, place.path, uri, client_);
}

void Server::refresh_diagnostics() {
  if (client_.refresh) ask("workspace/diagnostic/refresh", Json(), [](const Json&) {});
}

void Server::mark_others_stale(const Document& document) {
  ++revision_;
  for (auto& [uri, other] : documents_) {
    if (&other != &document && other.folder == document.folder) other.is_stale = true;
  }
  refresh_diagnostics();
}

void Server::publish(Document& document) {
  const Survey& survey = *folders_.find(document.folder)->second.survey;
  document.is_published = true;
  document.is_news = false;
  notify("textDocument/publishDiagnostics", {{"uri", document.uri},
                                             {"version", document.version},
                                             {"diagnostics", items_of(document, survey, client_)}});
}

/// What was parsed in parts and has syntax errors is parsed anew when nobody types; and then the
/// other files hear of it.
bool Server::confirm_one() {
  if (!confirm_at_ || environment_.now() < *confirm_at_) return false;
  confirm_at_.reset();
  for (auto& [uri, document] : documents_) {
    if (document.is_untold && shown_migrated_.contains(uri)) {
      ask("workspace/textDocumentContent/refresh",
          {{"uri", fmt::format("{}:{}", kFixedScheme, uri.substr(uri.find(':') + 1))}},
          [](const Json&) {});
    }
    // A survey that is on its way knows the text, or asks for this again.
    const Folder& folder = folders_.find(document.folder)->second;
    if (!folder.wanted && !folder.running) tell_others(document);
  }
  for (auto& [uri, document] : documents_) {
    const Folder& folder = folders_.find(document.folder)->second;
    if (document.analysis.is_exact || !folder.survey) continue;
    const Json before = items_of(document, *folder.survey, client_);
    if (analyse(document, *folder.survey, Effort::whole)) mark_others_stale(document);
    if (items_of(document, *folder.survey, client_) == before) continue;
    if (!client_.pull) publish(document);
    refresh_diagnostics();
  }
  return true;
}

std::optional<Json> Server::pull(const Json& params) {
  const std::string& uri = string_of(member(params, "textDocument"), "uri");
  const auto found = documents_.find(uri);
  const auto now = found == documents_.end() ? items_on_disk(uri) : items_now(found->second);
  if (!now) {
    pulls_.emplace_back(defer(), params);
    return std::nullopt;
  }
  const Json& items = *now;
  const std::string id = result_id_of(items);
  const Json* const previous = optional_member(params, "previousResultId");
  if (previous && *previous == id) return Json{{"kind", "unchanged"}, {"resultId", id}};
  return Json{{"kind", "full"}, {"resultId", id}, {"items", items}};
}

}  // namespace dagfix::lsp

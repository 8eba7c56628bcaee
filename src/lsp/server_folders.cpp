#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lsp/protocol.hpp"
#include "lsp/server.hpp"
#include "lsp/settings.hpp"
#include "lsp/uri.hpp"

namespace dagfix::lsp {

namespace {

constexpr std::string_view kSection = "dagfix";
constexpr std::chrono::milliseconds kPatience{500};

bool lies_in(std::string_view path, std::string_view folder) {
  if (folder == "/") return path.size() > 1;
  return path.size() > folder.size() + 1 && path.starts_with(folder) && path[folder.size()] == '/';
}

}  // namespace

void Server::add_folder(const std::string& uri) {
  const auto path = path_of_uri(uri);
  if (!path || folders_.contains(*path)) return;
  Folder folder;
  folder.uri = uri;
  folder.path = *path;
  folder.real_path = host_.real_path(*path);
  folder.settings = read_settings(initial_settings_);
  folders_.emplace(*path, std::move(folder));
}

Server::Place Server::place_of(const std::string& path) {
  const auto place = [&](const std::string& real) {
    Folder* best = nullptr;
    for (auto& [key, folder] : folders_) {
      if (folder.file || !lies_in(real, folder.real_path)) continue;
      if (!best || best->real_path.size() <= folder.real_path.size()) best = &folder;
    }
    return Place{best, best ? path_below(best->real_path, real) : std::string()};
  };
  const Place found = place(host_.real_path(path));
  if (found.folder) return found;
  // A link to a file elsewhere is a file of the folder.
  const auto slash = path.rfind('/');
  return place(path_in(host_.real_path(path.substr(0, std::max<std::size_t>(slash, 1))),
                       path.substr(slash + 1)));
}

/// The folder that a document belongs to; one of its own if it lies in none.
Folder& Server::folder_for(Document& document, const std::optional<std::string>& path) {
  if (Place place = path ? place_of(*path) : Place{}; place.folder) {
    document.folder = place.folder->path;
    document.path = std::move(place.path);
    return *place.folder;
  }
  document.folder = fmt::format("document {}", document.uri);
  Folder own;
  own.uri = document.uri;
  const auto slash = path ? path->rfind('/') : std::string::npos;
  own.path = slash == std::string::npos ? "/" : path->substr(0, std::max<std::size_t>(slash, 1));
  document.path = path ? path->substr(slash + 1) : "untitled.py";
  own.file = document.path;
  own.settings = read_settings(initial_settings_);
  Folder& added = folders_.insert_or_assign(document.folder, std::move(own)).first->second;
  want_survey(added, {});
  if (client_.configuration) fetch_settings();
  return added;
}

void Server::remove_folder(const std::string& uri) {
  const auto path = path_of_uri(uri);
  const auto found = path ? folders_.find(*path) : folders_.end();
  if (found == folders_.end()) return;
  if (found->second.running) *found->second.running = true;
  const std::string key = found->first;
  folders_.erase(found);
  for (auto& [name, document] : documents_) {
    if (document.folder != key) continue;
    folder_for(document, path_of_uri(name));
    document.is_stale = true;
  }
}

void Server::did_change_folders(const Json& params) {
  const Json& event = member(params, "event");
  for (const Json& folder : member(event, "removed")) remove_folder(string_of(folder, "uri"));
  for (const Json& folder : member(event, "added")) add_folder(string_of(folder, "uri"));
  // Documents that were on their own, or in a folder around, may have another one now.
  for (auto& [uri, document] : documents_) {
    const auto path = path_of_uri(uri);
    Place place = path ? place_of(*path) : Place{};
    if (!place.folder || place.folder->path == document.folder) continue;
    const auto before = folders_.find(document.folder);
    if (before->second.running && before->second.file) *before->second.running = true;
    if (before->second.file) folders_.erase(before);
    document.folder = place.folder->path;
    document.path = std::move(place.path);
    document.is_stale = true;
  }
  retry_pulls();
  fetch_settings();
}

void Server::fetch_settings() {
  if (!client_.configuration) {
    for (auto& [key, folder] : folders_) want_survey(folder, {});
    return;
  }
  Json items = Json::array();
  std::vector<std::string> keys;
  for (auto& [key, folder] : folders_) {
    items.push_back({{"scopeUri", folder.uri}, {"section", kSection}});
    keys.push_back(key);
    // Not every client that says so answers.
    if (!folder.survey && !folder.running && !folder.wanted) want_survey(folder, kPatience);
  }
  if (keys.empty()) return;
  ask("workspace/configuration", {{"items", std::move(items)}},
      [this, keys = std::move(keys)](const Json& answers) {
        for (std::size_t i = 0; i < keys.size(); ++i) {
          const auto found = folders_.find(keys[i]);
          if (found == folders_.end()) continue;
          const bool is_answer = answers.is_array() && i < answers.size();
          const bool has_any = is_answer && answers[i].is_object() && !answers[i].empty();
          ClientSettings now = read_settings(has_any ? section_of(answers[i]) : initial_settings_);
          Folder& folder = found->second;
          const bool is_news = !folder.survey || folder.settings != now;
          folder.settings = std::move(now);
          if (is_news) want_survey(folder, {});
        }
      });
}

void Server::did_change_configuration(const Json& params) {
  const Json* const settings = optional_member(params, "settings");
  if (settings && has_section(*settings)) initial_settings_ = section_of(*settings);
  last_error_.clear();
  if (client_.configuration) return fetch_settings();
  for (auto& [key, folder] : folders_) {
    folder.settings = read_settings(initial_settings_);
    want_survey(folder, {});
  }
}

void Server::register_watchers() {
  Json registrations = Json::array();
  if (client_.watched_files) {
    Json watchers = Json::array();
    for (const char* const glob :
         {"**/dagfix.toml", "**/pyproject.toml", "**/.{git,airflow}ignore", "**/*.{py,ipynb}",
          "**/*.{yaml,yml,tpl,json,sh,bash,env}", "**/*.{js,mjs,cjs,jsx,ts,tsx,vue}",
          "**/{Dockerfile,Containerfile}*", "**/*.{dockerfile,Dockerfile}"}) {
      watchers.push_back({{"globPattern", glob}});
    }
    registrations.push_back({{"id", "dagfix-files"},
                             {"method", "workspace/didChangeWatchedFiles"},
                             {"registerOptions", {{"watchers", std::move(watchers)}}}});
  }
  if (client_.config_changes) {
    registrations.push_back({{"id", "dagfix-settings"},
                             {"method", "workspace/didChangeConfiguration"},
                             {"registerOptions", {{"section", kSection}}}});
  }
  if (registrations.empty()) return;
  ask("client/registerCapability", {{"registrations", std::move(registrations)}},
      [](const Json&) {});
}

void Server::did_change_watched_files(const Json& params) {
  constexpr std::chrono::milliseconds kBurst{50};
  for (const Json& change : member(params, "changes")) {
    const auto path = path_of_uri(string_of(change, "uri"));
    if (!path) continue;
    const bool is_config = path->ends_with(".toml");
    // What the editor shows goes before what is on disk.
    if (!is_config && documents_.contains(string_of(change, "uri"))) continue;
    if (is_config) last_error_.clear();
    for (auto& [key, folder] : folders_) {
      // A configuration file above a folder holds for it, too.
      const std::string above = path->substr(0, path->rfind('/'));
      const bool is_above = folder.path == above || lies_in(folder.path, above) || above.empty();
      if (lies_in(*path, folder.path) || (is_config && is_above)) want_survey(folder, kBurst);
    }
  }
}

void Server::want_survey(Folder& folder, std::chrono::milliseconds delay) {
  folder.wanted = environment_.now() + delay;
  ++revision_;
}

SurveyRequest Server::request_for(const Folder& folder) const {
  SurveyRequest request;
  request.folder = folder.path;
  request.file = folder.file;
  request.settings = folder.settings;
  request.only_buffers = folder.only_buffers;
  for (const auto& [uri, document] : documents_) {
    const auto owner = folders_.find(document.folder);
    if (owner == folders_.end() || &owner->second != &folder || !document.kind) continue;
    request.buffers.emplace(document.path,
                            std::make_shared<const std::string>(document.text.str()));
  }
  return request;
}

bool Server::start_due_survey() {
  for (auto& [key, folder] : folders_) {
    if (!folder.wanted || folder.running || environment_.now() < *folder.wanted) continue;
    start_survey(folder);
    return true;
  }
  return false;
}

void Server::start_survey(Folder& folder) {
  folder.wanted.reset();
  folder.running = std::make_shared<std::atomic<bool>>(false);
  SurveyRequest request = request_for(folder);
  std::string key;
  for (auto& [name, other] : folders_) {
    if (&other == &folder) key = name;
  }
  for (auto& [uri, document] : documents_) {
    if (document.folder == key) document.told = tells(document.kind, document.text.str());
  }
  request.is_cancelled = [stop = folder.running] { return stop->load(); };
  if (const auto progress = progress_of(Json::object(), "dagfix", folder.running)) {
    request.begin = [progress](std::string_view phase, std::size_t steps) {
      progress->begin(phase, steps);
    };
    request.step = [progress] { progress->step(); };
  }
  environment_.start(
      [this, key = std::move(key), request = std::move(request), running = folder.running] {
        auto result = host_.survey(request);
        return std::function<void()>([this, key, result = std::move(result), running] {
          const auto found = folders_.find(key);
          // Another folder may have taken its place meanwhile.
          if (found == folders_.end() || found->second.running != running) return;
          found->second.running.reset();
          if (*running && !found->second.survey) {
            // The user does not want to wait for the other files: do without.
            found->second.only_buffers = true;
            want_survey(found->second, {});
          }
          finish_survey(key, result);
        });
      });
}

void Server::retry_pulls() {
  for (const auto& [waiting, params] : std::exchange(pulls_, {})) {
    if (!settle(waiting)) continue;
    queue_.push_back(
        {{"id", waiting.id}, {"method", "textDocument/diagnostic"}, {"params", params}});
  }
}

void Server::finish_survey(const std::string& key,
                           const std::expected<std::shared_ptr<Survey>, std::string>& result) {
  Folder& folder = folders_.find(key)->second;
  retry_pulls();
  if (!result) {
    if (result.error() != kCancelled) show_error(result.error());
    return;
  }
  last_error_.clear();
  folder.survey = *result;
  for (auto& [uri, document] : documents_) {
    // It may have been edited since the survey began.
    if (document.folder == key) document.is_stale = document.is_untold = true;
  }
  refresh_diagnostics();
}

}  // namespace dagfix::lsp

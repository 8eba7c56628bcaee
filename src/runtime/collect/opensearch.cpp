#include <fmt/format.h>

#include "runtime/collect/services.hpp"

namespace dagfix::runtime {

namespace {

struct Question {
  const char* entry;
  const char* target;
};

constexpr Question kQuestions[] = {
    {"opensearch/cat_indices.json", "/_cat/indices?format=json&expand_wildcards=all"},
    {"opensearch/repos.json", "/_snapshot/_all"},
    {"opensearch/nodes_settings.json", "/_nodes/settings?filter_path=**.path.repo,**.version"},
    {"opensearch/tasks.json", "/_tasks?actions=*reindex"},
};

constexpr const char* kCounted[] = {"meta-index", "restored_meta-index", "project_merged",
                                    "project_admin"};
constexpr const char* kRestored[] = {"restored_meta-index"};
constexpr const char* kSampled[] = {"restored_meta-index", "project_merged", "project_admin"};
constexpr std::size_t kMostRepositories = 20;

std::vector<std::pair<std::string, std::string>> questions() {
  std::vector<std::pair<std::string, std::string>> all;
  const auto add = [&](const char* what, const char* index, const char* target) {
    all.emplace_back(fmt::format("opensearch/{}_{}.json", what, index),
                     fmt::format("/{}/{}", index, target));
  };
  for (const auto& [entry, target] : kQuestions) all.emplace_back(entry, target);
  for (const char* const index : kCounted) add("count", index, "_count");
  for (const char* const index : kRestored) add("recovery", index, "_recovery");
  for (const char* const index : kSampled)
    add("ids", index, "_search?size=100&_source=false&sort=_id");
  return all;
}

std::vector<std::string> entries() {
  std::vector<std::string> all;
  for (auto& [entry, _] : questions()) all.push_back(std::move(entry));
  return all;
}

void ask_snapshots(HttpClient& client, Findings& findings) {
  const auto repositories = findings.bundle().json("opensearch/repos.json");
  if (!repositories.is_ok() || !repositories->is_object()) return;
  std::size_t count = 0;
  for (const auto& [name, _] : repositories->items()) {
    const std::string entry = fmt::format("opensearch/snapshots_{}.json", name);
    if (!entry_name_problem(entry).empty() || name.contains('/') || ++count > kMostRepositories) {
      findings.warn(fmt::format("OpenSearch: repository '{}' was not looked at", name));
      continue;
    }
    findings.asking(entry);
    findings.put_json(entry, client.get(fmt::format("/_snapshot/{}/_all", url_encoded(name))));
  }
}

void ask_opensearch(const ProbeContext& context, Findings& findings) {
  auto options = service_options(context, "opensearch");
  if (!options) return fail_all(findings, entries(), State::unreachable, options.error());
  if (!options->user.empty()) options->login = HttpOptions::Login::basic;
  HttpClient client(*std::move(options));
  for (const auto& [entry, target] : questions()) {
    findings.asking(entry);
    const HttpAnswer answer = client.get(target);
    findings.put_json(entry, answer);
    // Nobody there: the others would only wait as long.
    if (answer.status == 0) {
      return fail_all(findings, entries(), State::unreachable, answer.evidence);
    }
  }
  ask_snapshots(client, findings);
}

}  // namespace

Probe opensearch_probe() { return {"opensearch", entries(), ask_opensearch}; }

}  // namespace dagfix::runtime

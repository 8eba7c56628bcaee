#include "runtime/collect/kubernetes.hpp"

#include <fmt/format.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>

#include "runtime/collect/kubeconfig.hpp"
#include "runtime/file.hpp"

namespace dagfix::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostKubeconfig = std::uint64_t{4} << 20;
constexpr int kMostPages = 2000;
// A page of 500 objects is what kubectl asks for.
constexpr std::string_view kPage = "limit=500";
// The server then leaves data out of Secrets: it never gets here.
constexpr std::string_view kMetadataOnly =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
constexpr std::string_view kHelm = "k8s/helm-secrets.json";

struct Kind {
  std::string_view group;  // path of the API group
  std::string_view plural;
};

constexpr std::array<Kind, 12> kKinds{{
    {"/api/v1", "namespaces"},
    {"/api/v1", "nodes"},
    {"/api/v1", "pods"},
    {"/apis/apps/v1", "deployments"},
    {"/apis/apps/v1", "replicasets"},
    {"/apis/apps/v1", "statefulsets"},
    {"/apis/batch/v1", "jobs"},
    {"/api/v1", "configmaps"},
    {"/api/v1", "persistentvolumes"},
    {"/api/v1", "persistentvolumeclaims"},
    {"/api/v1", "services"},
    {"/apis/networking.k8s.io/v1", "ingresses"},
}};

/// "GET ...: 403 Forbidden: pods is forbidden: ..." with what the server says about it.
std::string evidence_of(const HttpAnswer& answer) {
  const Json status = Json::parse(answer.body, nullptr, false);
  if (!status.is_object() || !status.contains("message")) return answer.evidence;
  const Json& message = status["message"];
  return message.is_string() ? fmt::format("{}: {}", answer.evidence, message.get<std::string>())
                             : answer.evidence;
}

std::string continue_of(const Json& list) {
  const auto metadata = list.find("metadata");
  if (metadata == list.end() || !metadata->is_object()) return {};
  const auto token = metadata->find("continue");
  return token == metadata->end() || !token->is_string() ? "" : token->get<std::string>();
}

/// All pages of a list.
class Listing {
 public:
  Listing(HttpClient& client, Findings& findings, std::string path, std::string selector)
      : client_(client),
        findings_(findings),
        path_(std::move(path)),
        selector_(std::move(selector)) {}

  /// The last answer: ok, or what went wrong.
  HttpAnswer read() {
    HttpAnswer answer = read_pages(kPage);
    // The list became too old while it was read. In one piece it cannot.
    if (answer.status == 410) {
      items_ = Json::array();
      answer = read_pages("");
    }
    return answer;
  }

  Json list(std::string_view kind) && {
    return {{"kind", kind}, {"apiVersion", "v1"}, {"items", std::move(items_)}};
  }
  Json& items() { return items_; }
  const std::string& kind() const { return kind_; }

 private:
  HttpAnswer read_pages(std::string_view page) {
    std::string token;
    for (int i = 0; i < kMostPages; ++i) {
      findings_.asking({});
      HttpAnswer answer = client_.get(target(page, token));
      if (answer.state != State::ok) return answer;
      Json list = Json::parse(answer.body, nullptr, false);
      const bool is_list = list.is_object() && list.contains("items") && list["items"].is_array();
      if (!is_list) {
        answer.state = State::malformed;
        answer.evidence += ", and the answer is no list of Kubernetes";
        return answer;
      }
      if (list.contains("kind") && list["kind"].is_string()) kind_ = list["kind"];
      for (Json& item : list["items"]) items_.push_back(std::move(item));
      token = continue_of(list);
      if (token.empty()) return answer;
    }
    HttpAnswer endless;
    endless.state = State::malformed;
    endless.evidence = fmt::format("GET {}: more than {} pages", path_, kMostPages);
    return endless;
  }

  std::string target(std::string_view page, const std::string& token) const {
    std::string target = path_;
    const auto add = [&](std::string_view part) {
      if (part.empty()) return;
      target += target.contains('?') ? '&' : '?';
      target += part;
    };
    add(selector_);
    add(page);
    if (!token.empty()) add("continue=" + url_encoded(token));
    return target;
  }

  HttpClient& client_;
  Findings& findings_;
  std::string path_;
  std::string selector_;
  std::string kind_;
  Json items_ = Json::array();
};

void remove_managed_fields(Json& items) {
  for (Json& item : items) {
    const auto metadata = item.find("metadata");
    if (metadata != item.end() && metadata->is_object()) metadata->erase("managedFields");
  }
}

/// Only what docs/bundle-format.md says of a release; a server that does not know
/// PartialObjectMetadata sends all of the Secret.
Json release_of(const Json& secret) {
  Json metadata = Json::object();
  const auto given = secret.find("metadata");
  if (given == secret.end() || !given->is_object()) return {{"metadata", metadata}};
  for (const char* const key : {"name", "namespace", "labels", "creationTimestamp"}) {
    if (given->contains(key)) metadata[key] = (*given)[key];
  }
  return {{"kind", "Secret"}, {"metadata", metadata}};
}

void list_kinds(HttpOptions options, Findings& findings) {
  HttpClient client(std::move(options));
  for (const auto& [group, plural] : kKinds) {
    const std::string entry = fmt::format("k8s/{}.json", plural);
    findings.asking(entry);
    Listing listing(client, findings, fmt::format("{}/{}", group, plural), {});
    const HttpAnswer answer = listing.read();
    if (answer.state == State::ok) {
      if (plural != "configmaps") remove_managed_fields(listing.items());
      const std::string kind = listing.kind().empty() ? "List" : listing.kind();
      findings.put(entry, std::move(listing).list(kind).dump(), answer.evidence);
    } else {
      findings.fail(entry, answer.state, evidence_of(answer));
    }
    // Nobody there: the others would only wait as long.
    if (answer.status == 0) return;
  }
}

void list_releases(HttpOptions options, Findings& findings) {
  findings.asking(kHelm);
  options.accept = fmt::format("{},application/json", kMetadataOnly);
  HttpClient client(std::move(options));
  Listing listing(client, findings, "/api/v1/secrets", "labelSelector=owner%3Dhelm");
  const HttpAnswer answer = listing.read();
  if (answer.state != State::ok) {
    return findings.fail(std::string(kHelm), answer.state, evidence_of(answer));
  }
  for (Json& item : listing.items()) item = release_of(item);
  findings.put(std::string(kHelm), std::move(listing).list("SecretList").dump(), answer.evidence);
}

std::vector<std::string> all_entries() {
  std::vector<std::string> entries;
  for (const auto& [_, plural] : kKinds) entries.push_back(fmt::format("k8s/{}.json", plural));
  entries.emplace_back(kHelm);
  return entries;
}

void ask_kubernetes(const ProbeContext& context, Findings& findings) {
  const auto give_up = [&](State state, const std::string& evidence) {
    fail_all(findings, all_entries(), state, evidence);
  };
  if (!http_missing().empty()) return give_up(State::unreachable, std::string(http_missing()));
  const std::string file = find_kubeconfig(context.profile);
  if (file.empty()) {
    return give_up(State::unreachable,
                   "not asked: there is no kubeconfig; set kubernetes.kubeconfig");
  }
  auto text = read_whole(file, kMostKubeconfig);
  if (!text) {
    const bool is_denied = text.error().contains("Permission denied");
    return give_up(is_denied ? State::denied : State::unreachable,
                   fmt::format("{}: {}", file, text.error()));
  }
  const Secret content(*std::move(text));
  auto options = parse_kubeconfig(content.reveal(), fs::path(file).parent_path().string(),
                                  context.profile.get("kubernetes.context"));
  if (!options) return give_up(State::unreachable, fmt::format("{}: {}", file, options.error()));
  options->timeout = context.timeout;
  list_kinds(*options, findings);
  const auto* const first = findings.bundle().find("k8s/namespaces.json");
  const bool is_there = findings.bundle().find("k8s/nodes.json") != nullptr;
  if (is_there) return list_releases(*std::move(options), findings);
  give_up(first->state, first->evidence);
}

/// Home of the one who called sudo, or of who runs this.
std::string home() {
  const char* const caller = std::getenv("SUDO_USER");
  if (caller && *caller) {
    if (const passwd* const user = ::getpwnam(caller)) return user->pw_dir;
  }
  const char* const home = std::getenv("HOME");
  return home ? home : "";
}

}  // namespace

std::string find_kubeconfig(const Profile& profile) {
  if (const std::string& given = profile.get("kubernetes.kubeconfig"); !given.empty()) return given;
  std::vector<std::string> candidates;
  if (const char* const variable = std::getenv("KUBECONFIG"); variable && *variable) {
    const std::string_view list = variable;
    return std::string(list.substr(0, list.find(':')));
  }
  candidates.push_back(home() + "/.kube/config");
  candidates.emplace_back("/var/snap/microk8s/current/credentials/client.config");
  for (const std::string& candidate : candidates) {
    std::error_code ignored;
    if (fs::exists(candidate, ignored)) return candidate;
  }
  return {};
}

Probe kubernetes_probe() { return {"kubernetes", all_entries(), ask_kubernetes}; }

}  // namespace dagfix::runtime

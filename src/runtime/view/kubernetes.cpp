#include "runtime/view/kubernetes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace dagfix::runtime {

namespace {

struct KindName {
  std::string_view kind;
  std::string_view plural;
};

constexpr std::array<KindName, 12> kKinds{{
    {"Namespace", "namespaces"},
    {"Node", "nodes"},
    {"Pod", "pods"},
    {"Deployment", "deployments"},
    {"ReplicaSet", "replicasets"},
    {"StatefulSet", "statefulsets"},
    {"Job", "jobs"},
    {"ConfigMap", "configmaps"},
    {"PersistentVolume", "persistentvolumes"},
    {"PersistentVolumeClaim", "persistentvolumeclaims"},
    {"Service", "services"},
    {"Ingress", "ingresses"},
}};

constexpr std::string_view kAll = "k8s/all.json";

/// The objects of a document: those of a list, or itself.
void add_objects(const Json& document, std::vector<const Json*>& objects) {
  const auto items = document.find("items");
  if (items == document.end()) {
    if (document.is_object()) objects.push_back(&document);
    return;
  }
  if (!items->is_array()) return;
  for (const Json& item : *items) {
    if (item.is_object()) objects.push_back(&item);
  }
}

/// "PodList" -> "Pod"; of items that do not tell their kind.
std::string_view listed_kind(const Json& document) {
  const auto kind = document.find("kind");
  if (kind == document.end() || !kind->is_string()) return {};
  std::string_view name = kind->get_ref<const std::string&>();
  if (!name.ends_with("List")) return {};
  name.remove_suffix(4);
  return name;
}

/// What makes an answer none of the API's: an empty file (kubectl failed), a Status, another thing.
/// Nothing of it may read as "there are no objects".
std::optional<Unseen> problem_of(const std::string& entry, const std::vector<Json>& documents) {
  if (documents.empty()) return Unseen{State::malformed, entry, "is empty: did kubectl fail?"};
  for (const Json& document : documents) {
    const Json* const items = value_at(document, "/items");
    const bool is_empty = items && items->is_null() && text_at(document, "/kind").ends_with("List");
    const bool is_list = is_empty || (items && items->is_array());
    const bool is_object = !items && std::ranges::any_of(kKinds, [&](const KindName& known) {
      return text_at(document, "/kind") == known.kind;
    });
    const bool is_secret = !items && text_at(document, "/kind") == "Secret";
    if (is_list || is_object || is_secret) continue;
    const std::string message = text_at(document, "/message");
    return Unseen{State::malformed, entry,
                  message.empty() ? "is no list of the Kubernetes API" : "says: " + message};
  }
  return std::nullopt;
}

/// The first line of k8s/errors.txt that is about no single kind: "The connection to the server ...
/// was refused". kubectl writes an empty list then, too.
std::string general_error(const Bundle& bundle) {
  std::string found;
  [[maybe_unused]] const auto read = bundle.lines("k8s/errors.txt", [&](std::string_view line) {
    const bool is_error = line.starts_with("Error") || line.starts_with("error") ||
                          line.contains("onnection to the server") ||
                          line.contains("nable to connect");
    if (is_error && !line.contains("is forbidden")) found = line;
    return found.empty();
  });
  return found;
}

/// Why an empty list of Helm's Secrets says nothing; nothing if it does.
std::optional<Unseen> helm_problem(const Bundle& bundle, const std::string& entry) {
  std::optional<Unseen> problem;
  [[maybe_unused]] const auto read = bundle.lines("k8s/errors.txt", [&](std::string_view line) {
    if (line.contains("secrets is forbidden")) {
      problem = Unseen{State::denied, entry, std::string(line)};
    }
    return !problem;
  });
  const std::string error = general_error(bundle);
  if (!problem && !error.empty()) problem = Unseen{State::unreachable, entry, error};
  return problem;
}

auto key_of(const Json* object) { return std::pair(namespace_of(*object), name_of(*object)); }

void sort(std::vector<const Json*>& objects) { std::ranges::stable_sort(objects, {}, key_of); }

}  // namespace

const Json* value_at(const Json& object, std::string_view pointer) {
  const Json* value = &object;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string part(pointer.substr(0, pointer.find('/')));
    pointer.remove_prefix(part.size());
    if (value->is_array()) {
      std::size_t index = 0;
      const auto [stop, error] = std::from_chars(part.data(), part.data() + part.size(), index);
      if (error != std::errc{} || stop != part.data() + part.size() || index >= value->size()) {
        return nullptr;
      }
      value = &(*value)[index];
      continue;
    }
    if (!value->is_object()) return nullptr;
    const auto found = value->find(part);
    if (found == value->end()) return nullptr;
    value = &*found;
  }
  return value;
}

std::string text_at(const Json& object, std::string_view pointer) {
  const Json* const value = value_at(object, pointer);
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

std::string name_of(const Json& object) { return text_at(object, "/metadata/name"); }
std::string namespace_of(const Json& object) { return text_at(object, "/metadata/namespace"); }

Kubernetes::Kubernetes(const Bundle& bundle) : bundle_(bundle) {
  // References to documents stay valid: the vector has its final size before they are taken.
  struct Source {
    std::string_view kind;  // empty: any
    std::size_t first = 0;
    std::size_t last = 0;
  };
  std::vector<Source> sources;
  const auto add = [&](const std::string& name, std::string_view kind) -> Answer<bool> {
    auto documents = bundle.json_documents(name);
    if (documents.is_ok()) {
      if (auto problem = problem_of(name, *documents)) documents = *std::move(problem);
    }
    if (documents.is_ok()) {
      const std::size_t first = documents_.size();
      documents_.insert(documents_.end(), documents->begin(), documents->end());
      sources.push_back({kind, first, documents_.size()});
    }
    return documents.map([](const auto&) { return true; });
  };
  const auto all = add(std::string(kAll), {});
  for (const auto& [kind, plural] : kKinds) {
    const std::string name = fmt::format("k8s/{}.json", plural);
    if (bundle.find(name)) {
      const auto own = add(name, kind);
      kinds_.emplace(kind, own.map([](bool) { return Objects(); }));
    } else {
      kinds_.emplace(kind, all.map([](bool) { return Objects(); }));
    }
  }
  read_errors(bundle);
  for (const Source& source : sources) {
    for (std::size_t i = source.first; i < source.last; ++i) {
      Objects objects;
      add_objects(documents_[i], objects);
      for (const Json* object : objects) {
        std::string kind = text_at(*object, "/kind");
        if (kind.empty()) kind = source.kind.empty() ? listed_kind(documents_[i]) : source.kind;
        if (!source.kind.empty() && kind != source.kind) continue;
        const auto place = kinds_.find(kind);
        if (place == kinds_.end() || !place->second.is_ok()) continue;
        // What has a file of its own is not taken from the common one.
        const bool has_own =
            source.kind.empty() &&
            std::ranges::any_of(sources, [&](const Source& other) { return other.kind == kind; });
        if (has_own) continue;
        Objects list = *place->second;
        list.push_back(object);
        place->second = std::move(list);
      }
    }
  }
  const std::string error = general_error(bundle);
  for (auto& [kind, answer] : kinds_) {
    if (!answer.is_ok()) continue;
    const bool has_own =
        std::ranges::any_of(sources, [&](const Source& source) { return source.kind == kind; });
    if (answer->empty() && !has_own && !error.empty()) {
      answer = Unseen{State::unreachable, std::string(kAll), error};
      continue;
    }
    Objects list = *answer;
    sort(list);
    answer = std::move(list);
  }
}

void Kubernetes::read_errors(const Bundle& bundle) {
  [[maybe_unused]] const auto read = bundle.lines("k8s/errors.txt", [&](std::string_view line) {
    for (const auto& [kind, plural] : kKinds) {
      const auto at = line.find(fmt::format("{} is forbidden", plural));
      const auto group = line.find(fmt::format("{}.", plural));
      const bool is_about = at != std::string_view::npos ||
                            (group != std::string_view::npos && line.contains("is forbidden"));
      if (!is_about || bundle.find(fmt::format("k8s/{}.json", plural))) continue;
      kinds_.insert_or_assign(std::string(kind),
                              Unseen{State::denied, std::string(kAll), std::string(line)});
    }
    return true;
  });
}

void Kubernetes::set_gone() { is_gone_ = true; }

Answer<Kubernetes::Objects> Kubernetes::all(std::string_view kind) const {
  const auto found = kinds_.find(kind);
  assert(found != kinds_.end());
  if (is_gone_ && !found->second.is_ok()) return Objects();
  return found->second;
}

Answer<Kubernetes::Objects> Kubernetes::in(std::string_view kind,
                                           std::string_view name_space) const {
  return all(kind).map([&](const Objects& objects) {
    Objects result;
    std::ranges::copy_if(objects, std::back_inserter(result),
                         [&](const Json* object) { return namespace_of(*object) == name_space; });
    return result;
  });
}

Answer<const Json*> Kubernetes::find(std::string_view kind, std::string_view name_space,
                                     std::string_view name) const {
  const auto objects = all(kind);
  if (!objects.is_ok()) return objects.map([](const Objects&) -> const Json* { return nullptr; });
  for (const Json* object : *objects) {
    if (namespace_of(*object) == name_space && name_of(*object) == name) return object;
  }
  return Answer<const Json*>::absent();
}

Answer<std::vector<Kubernetes::Release>> Kubernetes::releases() const {
  constexpr const char* kSecrets = "k8s/helm-secrets.json";
  auto documents = bundle_.json_documents(kSecrets);
  if (documents.is_ok()) {
    if (auto problem = problem_of(kSecrets, *documents)) documents = *std::move(problem);
  }
  if (is_gone_ && documents.is_unseen()) return std::vector<Release>();
  auto found = documents.map([](const std::vector<Json>& lists) {
    std::map<std::pair<std::string, std::string>, Release> newest;
    for (const Json& list : lists) {
      Objects secrets;
      add_objects(list, secrets);
      for (const Json* secret : secrets) {
        if (text_at(*secret, "/metadata/labels/owner") != "helm") continue;
        Release release{text_at(*secret, "/metadata/labels/name"), namespace_of(*secret),
                        text_at(*secret, "/metadata/labels/status"), 0};
        const std::string version = text_at(*secret, "/metadata/labels/version");
        std::from_chars(version.data(), version.data() + version.size(), release.revision);
        Release& known = newest[{release.name_space, release.name}];
        if (known.name.empty() || known.revision < release.revision) known = release;
      }
    }
    std::vector<Release> releases;
    for (auto& [_, release] : newest) releases.push_back(std::move(release));
    return releases;
  });
  if (found.is_ok() && found->empty() && !is_gone_) {
    if (auto problem = helm_problem(bundle_, kSecrets)) return *std::move(problem);
  }
  return found;
}

bool is_pod_good(const Json& pod) {
  const std::string phase = text_at(pod, "/status/phase");
  if (phase == "Succeeded") return true;
  if (phase != "Running" || value_at(pod, "/metadata/deletionTimestamp")) return false;
  const Json* const statuses = value_at(pod, "/status/containerStatuses");
  if (!statuses || !statuses->is_array()) return false;
  return std::ranges::all_of(*statuses, [](const Json& status) {
    const Json* const ready = value_at(status, "/ready");
    return ready && *ready == true;
  });
}

std::string pod_status(const Json& pod) {
  if (value_at(pod, "/metadata/deletionTimestamp")) return "Terminating";
  std::string status = text_at(pod, "/status/phase");
  for (const char* const list : {"/status/initContainerStatuses", "/status/containerStatuses"}) {
    const Json* const statuses = value_at(pod, list);
    if (!statuses || !statuses->is_array()) continue;
    for (const Json& container : *statuses) {
      const std::string reason = text_at(container, "/state/waiting/reason");
      if (!reason.empty()) return fmt::format("{}: {}", status, reason);
    }
  }
  if (status == "Running" && !is_pod_good(pod)) status += ", not ready";
  return status;
}

std::vector<std::string> images_of(const Json& object) {
  std::vector<std::string> images;
  for (const char* const list : {"/spec/containers", "/spec/template/spec/containers"}) {
    const Json* const containers = value_at(object, list);
    if (!containers || !containers->is_array()) continue;
    for (const Json& container : *containers) {
      if (std::string image = text_at(container, "/image"); !image.empty()) {
        images.push_back(std::move(image));
      }
    }
  }
  return images;
}

std::string_view tag_of(std::string_view image) {
  image = image.substr(0, image.find('@'));
  const auto colon = image.rfind(':');
  if (colon == std::string_view::npos || image.find('/', colon) != std::string_view::npos)
    return {};
  return image.substr(colon + 1);
}

}  // namespace dagfix::runtime

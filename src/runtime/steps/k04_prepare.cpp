#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>

#include "runtime/steps/common.hpp"
#include "runtime/steps/steps.hpp"

// The guide 0.3 to 0.4, steps on the old platform.
namespace dagfix::runtime {

namespace {

constexpr std::string_view kLogs = "/usr/share/opensearch/logs";
constexpr std::string_view kSettings = "/usr/share/opensearch/config/opensearch.yml";
constexpr std::string_view kContainer = "opensearch-container";
constexpr std::string_view kDeployment = "opensearch-de";
constexpr std::string_view kVolume = "sec-config";

bool has(const std::vector<std::string>& list, std::string_view text) {
  return std::ranges::find(list, text) != list.end();
}

struct Settings {
  std::vector<std::string> repositories;
  bool is_open = false;  ///< Others than the pod itself can reach it.
};

/// path.repo (a text or a list) and network.host of an opensearch.yml; nothing if it cannot be
/// parsed.
std::optional<Settings> settings_of(const std::string& yaml) {
  Settings found;
  try {
    const YAML::Node settings = YAML::Load(yaml);
    const YAML::Node repo = settings["path.repo"];
    if (repo && repo.IsScalar()) found.repositories.push_back(repo.as<std::string>());
    if (repo && repo.IsSequence()) found.repositories = repo.as<std::vector<std::string>>();
    const YAML::Node host = settings["network.host"];
    const std::string name = host && host.IsScalar() ? host.as<std::string>() : "";
    found.is_open = !name.empty() && name != "localhost" && !name.starts_with("127.");
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
  return found;
}

Answer<const Json*> deployment(const Step& step) {
  return step.cluster().find("Deployment", step.profile().get("namespaces.services"), kDeployment);
}

/// The keys that the volume takes out of os-config; nothing if there is no such volume.
std::optional<std::vector<std::string>> volume_keys(const Json& deployment) {
  const Json* const volumes = value_at(deployment, "/spec/template/spec/volumes");
  if (!volumes || !volumes->is_array()) return std::nullopt;
  for (const Json& volume : *volumes) {
    if (text_at(volume, "/name") != kVolume) continue;
    std::vector<std::string> keys;
    const Json* const items = value_at(volume, "/configMap/items");
    if (!items || !items->is_array()) return keys;
    for (const Json& item : *items) keys.push_back(text_at(item, "/key"));
    return keys;
  }
  return std::nullopt;
}

struct Mounts {
  bool has_settings = false;
  bool has_config = false;
  bool hides_folder = false;
};

Mounts mounts_of(const Json& deployment) {
  Mounts mounts;
  const Json* const containers = value_at(deployment, "/spec/template/spec/containers");
  if (!containers || !containers->is_array()) return mounts;
  for (const Json& container : *containers) {
    const Json* const list = value_at(container, "/volumeMounts");
    if (text_at(container, "/name") != kContainer || !list || !list->is_array()) continue;
    for (const Json& mount : *list) {
      if (text_at(mount, "/name") != kVolume) continue;
      const std::string path = text_at(mount, "/mountPath");
      const std::string sub = text_at(mount, "/subPath");
      mounts.has_settings = mounts.has_settings || (path == kSettings && sub == "opensearch.yml");
      mounts.has_config = mounts.has_config || sub == "config.yml";
      mounts.hides_folder =
          mounts.hides_folder || (sub.empty() && std::string_view(kSettings).starts_with(path));
    }
  }
  return mounts;
}

/// When the last of some snapshots was complete.
template <typename Holds>
std::optional<Time> last_end(const Answer<std::vector<Search::Snapshot>>& all, Holds holds) {
  std::optional<Time> last;
  if (!all.is_ok()) return last;
  for (const Search::Snapshot& snapshot : *all) {
    if (holds(snapshot) && snapshot.end && (!last || *last < *snapshot.end)) last = snapshot.end;
  }
  return last;
}

/// When metadata was last written: the end of a run, or its start if it still works. Absent: never.
Answer<Time> last_extraction(const Step& step) {
  const auto rows = step.now().sql().rows("airflow", "dag-runs");
  if (!rows.is_ok()) return rows.map([](const auto&) { return Time(); });
  std::optional<Time> last;
  for (const Sql::Row& row : *rows) {
    if (row.size() != 4 || row[0] != "service-extract-metadata") continue;
    const auto time = parse_time(row[3].value_or(row[2].value_or("")));
    if (time && (!last || *last < *time)) last = time;
  }
  return last ? Answer<Time>(*last) : Answer<Time>::absent();
}

/// Whether a folder has a file whose name begins and ends so.
Truth has_file(const FileTree& files, const std::string& folder, std::string_view begin,
               std::string_view end) {
  return files.children(folder).test([&](const auto& all) {
    return std::ranges::any_of(all, [&](const FileInfo& file) {
      return file.name().starts_with(begin) && file.name().ends_with(end);
    });
  });
}

}  // namespace

void judge_k04_r6(Step& step) {
  const auto& version = step.now().version();
  const Truth is_known = version && version->has_patch
                             ? Truth(true)
                             : Truth::unknown({State::unreachable, "k8s/pods.json",
                                               "nothing tells the platform's version"});
  step.set("version", version ? to_string(version->version) : "");
  const bool is_last = version && version->version == Version{0, 3, 5};
  const std::string& folder = step.profile().get("platform.migration");
  const auto device = step.files().device(folder.empty() ? "/" : folder);
  std::uint64_t bytes = 0;
  Truth is_summed = true;
  for (const char* const name :
       {"postgres-backend", "postgres-airflow", "postgres-dcm4che", "keycloak", "os"}) {
    const auto sum = step.files().sum(step.now().fast(name));
    if (sum.is_ok()) bytes += sum->bytes;
    is_summed = is_summed && (sum.is_unseen() ? sum.exists() : Truth(true));
  }
  const Truth exceeds =
      device.test([&](const FileTree::Device& found) { return found.available < 2 * bytes; });
  // A sum of what could be read may be too much already; that it is not says nothing.
  const Truth is_full = exceeds || (is_summed.is_unknown() ? is_summed : Truth(false));
  step.set("needed", fmt::format("{}", 2 * bytes));
  step.set("available", device.is_ok() ? fmt::format("{}", device->available) : "");
  step.decide("over", step.is_past());
  step.decide("no-space", is_full);
  step.decide("other-version", is_known && Truth(!is_last));
  step.decide("ready", is_known && Truth(is_last) && !is_full);
}

void judge_k04_1(Step& step) {
  const Keycloak& keycloak = step.now().keycloak();
  const auto user = keycloak.user("system");
  const auto groups = keycloak.groups();
  const auto roles = keycloak.group_roles("kaapana_admin");
  const Truth is_member =
      user.test([](const Keycloak::User& found) { return has(found.groups, "kaapana_admin"); });
  const auto count = groups.is_ok() ? std::ranges::count(*groups, "kaapana_admin") : 0;
  step.set("count", fmt::format("{}", count));
  step.decide("no-user", !user.exists());
  step.decide("disabled", user.test([](const Keycloak::User& found) { return !found.is_enabled; }));
  step.decide("groups", groups.exists() && Truth(count != 1));
  step.decide("no-role", !roles.test([](const auto& names) { return has(names, "admin"); }));
  step.decide("member", is_member);
  step.decide("no-member", user.exists() && !is_member);
}

void judge_k04_2a(Step& step) {
  const auto map =
      step.cluster().find("ConfigMap", step.profile().get("namespaces.services"), "os-config");
  const auto yaml =
      map.map([](const Json* found) { return text_at(*found, "/data/opensearch.yml"); });
  const auto settings = yaml.map([](const std::string& text) { return settings_of(text); });
  const Truth has_config = map.test([](const Json* found) {
    const Json* const data = value_at(*found, "/data");
    return data && data->contains("config.yml");
  });
  const Truth is_valid = settings.test([](const auto& found) { return found.has_value(); });
  const Truth is_set =
      settings.test([](const auto& found) { return found && has(found->repositories, kLogs); });
  const Truth is_open = settings.test([](const auto& found) { return found && found->is_open; });
  step.decide("over", step.is_past());
  step.decide("no-map", !map.exists());
  step.decide("keys-lost", !has_config);
  step.decide("invalid", map.exists() && !is_valid);
  step.decide("closed", is_set && !is_open);
  step.decide("set", is_set && has_config && is_open);
  step.decide("not-set", map.exists() && !is_set);
}

void judge_k04_2b(Step& step) {
  const auto keys = deployment(step).map([](const Json* found) { return volume_keys(*found); });
  const Truth has_volume = keys.test([](const auto& found) { return found.has_value(); });
  const Truth has_config =
      keys.test([](const auto& found) { return found && has(*found, "config.yml"); });
  const Truth has_settings =
      keys.test([](const auto& found) { return found && has(*found, "opensearch.yml"); });
  step.decide("over", step.is_past());
  step.decide("no-volume", !has_volume);
  step.decide("config-lost", !has_config);
  step.decide("both", has_settings && has_config);
  step.decide("config-only", !has_settings && has_config);
}

void judge_k04_2c(Step& step) {
  const auto mounts = deployment(step).map([](const Json* found) { return mounts_of(*found); });
  const Truth has_config = mounts.test([](const Mounts& found) { return found.has_config; });
  const Truth has_settings = mounts.test([](const Mounts& found) { return found.has_settings; });
  step.decide("over", step.is_past());
  step.decide("hides", mounts.test([](const Mounts& found) { return found.hides_folder; }));
  step.decide("config-lost", !has_config);
  step.decide("mounted", has_settings);
  step.decide("not-mounted", !has_settings);
}

void judge_k04_2d(Step& step) {
  const auto found = deployment(step);
  const auto has_failed = found.test([](const Json* object) {
    const Json* const conditions = value_at(*object, "/status/conditions");
    if (!conditions || !conditions->is_array()) return false;
    return std::ranges::any_of(*conditions, [](const Json& condition) {
      return text_at(condition, "/reason") == "ProgressDeadlineExceeded";
    });
  });
  const auto pods = step.cluster().in("Pod", step.profile().get("namespaces.services"));
  const Truth is_mixed = pods.test([](const Kubernetes::Objects& all) {
    return std::ranges::count_if(all, [](const Json* pod) {
             return name_of(*pod).starts_with("opensearch-de") && !is_pod_good(*pod);
           }) > 0;
  });
  const auto repositories = step.now().search().path_repo();
  const Truth is_read = repositories.test([](const auto& paths) { return has(paths, kLogs); });
  step.decide("over", step.is_past());
  step.decide("gone", !found.exists());
  step.decide("failed", has_failed);
  step.decide("starting", is_mixed);
  step.decide("restarted", is_read);
  step.decide("old", repositories.exists() && !is_read);
}

void judge_k04_3a(Step& step) {
  const auto repositories = step.now().search().repositories();
  const std::string wanted = std::string(kLogs) + "/snapshots";
  const auto any = [&](auto holds) {
    return repositories.test([&](const auto& all) { return std::ranges::any_of(all, holds); });
  };
  std::vector<std::string> places;
  if (repositories.is_ok()) {
    for (const auto& repository : *repositories) places.push_back(repository.location);
  }
  step.set("places", some_of(places));
  const Truth is_there = any([&](const Search::Repository& repository) {
    return repository.type == "fs" && is_within(repository.location, wanted);
  });
  step.decide("over", step.is_past());
  step.decide("there", is_there);
  step.decide("elsewhere", any([](const Search::Repository&) { return true; }) && !is_there);
  step.decide("none", repositories.exists() && !is_there);
}

void judge_k04_3b(Step& step) {
  const auto snapshots = step.now().search().snapshots();
  const auto any = [&](auto holds) {
    return snapshots.test([&](const auto& all) { return std::ranges::any_of(all, holds); });
  };
  const auto with_index = [](const Search::Snapshot& snapshot) {
    return has(snapshot.indices, "meta-index");
  };
  const Truth is_good = any([&](const Search::Snapshot& snapshot) {
    return with_index(snapshot) && snapshot.state == "SUCCESS" && snapshot.failed == 0;
  });
  const auto end = last_end(snapshots, [&](const Search::Snapshot& snapshot) {
    return with_index(snapshot) && snapshot.state == "SUCCESS" && snapshot.failed == 0;
  });
  const auto worked = last_extraction(step);
  Truth is_stale = false;
  if (is_good.is_yes()) {
    is_stale = end ? worked.test([&](const Time& time) { return *end < time; })
                   : Truth::unknown({State::malformed, "opensearch/snapshots_*.json",
                                     "a snapshot has no end_time"});
  }
  step.set("end", end ? to_string(*end) : "");
  step.set("worked", worked.is_ok() ? to_string(*worked) : "");
  const auto count = step.now().search().count("meta-index");
  if (count.is_ok()) step.evidence(fmt::format("meta-index has {} documents", *count));
  step.decide("over", step.is_past());
  step.decide("stale", is_good && is_stale);
  step.decide("taken", is_good && !is_stale);
  const Truth is_running =
      any([](const Search::Snapshot& snapshot) { return snapshot.state == "IN_PROGRESS"; });
  step.decide("running", !is_good && is_running);
  step.decide("bad", !is_good && any(with_index));
  step.decide("other", !is_good && any([](const Search::Snapshot&) { return true; }));
  step.decide("none", !any([](const Search::Snapshot&) { return true; }));
}

void judge_k04_3c(Step& step) {
  const std::string& saved = step.profile().get("platform.snapshots");
  if (saved.empty()) {
    step.decide("over", step.is_after() &&
                            step.files().exists(step.now().fast("os/snapshots/index.latest")));
    if (step.is_decided()) return;
    step.decide("saved", Truth::unknown({State::unreachable, "profile",
                                         "platform.snapshots is not set: where are the files?"}));
    return;
  }
  const FileTree& files = step.files();
  const Truth has_index = files.exists(join(saved, "index.latest"));
  const Truth has_data =
      files.exists(join(saved, "indices")) && !files.is_empty_folder(join(saved, "indices")) &&
      has_file(files, saved, "meta-", ".dat") && has_file(files, saved, "snap-", ".dat");
  // The script removes FAST/os; then only a bundle from before knows how much it was.
  const std::string folder = step.now().fast("os/logs/snapshots");
  auto original = files.sum(folder);
  if (!original.is_ok() && step.baseline()) original = step.baseline()->files().sum(folder);
  const auto copy = files.sum(saved);
  const auto bytes = [](const FileTree::Sum& sum) { return sum.bytes; };
  step.set("saved", saved);
  // Where they are put in the end, they are no longer needed outside.
  step.decide("over",
              step.is_after() && files.exists(step.now().fast("os/snapshots/index.latest")));
  const Truth exists = files.exists(saved);
  step.decide("inside", exists && Truth(is_within(saved, step.now().fast()) ||
                                        is_within(saved, step.now().slow())));
  step.decide("nested", files.exists(join(saved, "snapshots/index.latest")));
  step.decide("none", !exists || files.is_empty_folder(saved));
  step.decide("incomplete",
              !has_index || !has_data || is_less(copy.map(bytes), original.map(bytes)));
  step.decide("saved", has_index && has_data && !is_less(copy.map(bytes), original.map(bytes)));
}

}  // namespace dagfix::runtime

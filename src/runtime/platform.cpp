#include "runtime/platform.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>

#include "runtime/view/shell_script.hpp"

namespace dagfix::runtime {

namespace {

using Strength = Profile::Strength;

bool is_listed(std::string_view name, std::string_view list) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (list.substr(0, comma) == name) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
  return false;
}

/// Images of Kaapana's own services that every version since 0.2 has; their tag is the version.
constexpr std::string_view kVersionedImages[] = {"kaapana-backend",   "keycloak",
                                                 "airflow-webserver", "airflow",
                                                 "opensearch",        "landing-page-kaapana"};

bool is_versioned(std::string_view image) {
  image = image.substr(0, image.find_last_of(':'));
  image = image.substr(image.rfind('/') + 1);
  return std::ranges::find(kVersionedImages, image) != std::end(kVersionedImages);
}

std::string deploy_script_entry(const Bundle& bundle, const Profile& profile) {
  const std::string& path = profile.get("platform.deploy-script");
  std::string own = "scripts/" + path.substr(path.rfind('/') + 1);
  if (bundle.find(own)) return own;
  const auto names = bundle.names("scripts/deploy_platform");
  return names.empty() ? own : std::string(names.back());
}

/// "volume-path/postgres-airflow" -> "volume-path" where the claim says so.
struct VolumeFolder {
  std::string_view volume;  // part of the name of the persistent volume
  std::string_view folder;  // what the platform's folder is followed by
  std::string_view key;
};

constexpr VolumeFolder kVolumes[] = {
    {"minio-pv-volume", "/minio", "platform.slow"},
    {"dicom-pv-volume", "/dcm4che/dicom_data", "platform.slow"},
    {"dcm4chee-postgres-pv-volume", "/postgres-dcm4che", "platform.fast"},
    {"os-data-pv-volume", "/os/data", "platform.fast"},
    {"dags-pv-volume", "/workflows/dags", "platform.fast"},
};

void detect_from_volumes(const Bundle& bundle, Profile& profile) {
  const Kubernetes cluster(bundle);
  const auto volumes = cluster.all("PersistentVolume");
  if (!volumes.is_ok()) return;
  for (const Json* volume : *volumes) {
    const std::string name = name_of(*volume);
    const std::string path = text_at(*volume, "/spec/hostPath/path");
    for (const VolumeFolder& known : kVolumes) {
      if (!name.ends_with(known.volume) || !path.ends_with(known.folder)) continue;
      profile.set(std::string(known.key), path.substr(0, path.size() - known.folder.size()),
                  fmt::format("persistent volume {}", name), Strength::detected);
    }
  }
}

/// The series by its folders, and which of them tells it: a deploy script may be the next version's
/// already. Empty if none does.
std::pair<std::string, std::string> fingerprint(const FileTree& files, const std::string& fast) {
  const std::string old_access = join(fast, "postgres-access-information-point");
  if (!files.exists(join(fast, "access-information-interface-postgres-data")).is_no()) return {};
  if (files.exists(old_access).is_yes()) return {"0.4", old_access};
  // 0.2 has 15 as well, and 9.6 in the archive's database.
  const auto backend = files.pg_version(join(fast, "postgres-backend"));
  const auto archive = files.pg_version(join(fast, "postgres-dcm4che"));
  const bool is_0_3 = backend.is_ok() && *backend == "15" && archive.is_ok() && *archive != "9.6";
  if (is_0_3) return {"0.3", join(fast, "postgres-backend/PG_VERSION")};
  return {};
}

/// Charts of several versions may be left: those of the series that the folders tell come first,
/// then the newest. False if there is none of this series.
bool put_first(std::vector<PlatformVersion>& versions, std::string_view series) {
  std::ranges::stable_sort(versions, std::greater(), &PlatformVersion::version);
  if (series.empty()) return true;
  const auto fits = [&](const PlatformVersion& one) {
    return fmt::format("{}.{}", one.version.major, one.version.minor) == series;
  };
  const auto others = std::ranges::stable_partition(versions, fits);
  return others.begin() != versions.begin();
}

}  // namespace

std::optional<PlatformVersion> parse_platform_version(std::string_view text) {
  PlatformVersion found;
  std::uint16_t* const parts[] = {&found.version.major, &found.version.minor, &found.version.patch};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  int count = 0;
  for (std::uint16_t* part : parts) {
    const auto [stop, error] = std::from_chars(at, end, *part);
    if (error != std::errc{}) return std::nullopt;
    ++count;
    at = stop;
    if (at == end || *at != '.') break;
    ++at;
  }
  if (count < 2) return std::nullopt;
  found.has_patch = count == 3;
  // What follows may tell a build, not another number.
  if (at != end && *at != '-' && *at != '+' && *at != '\n' && *at != ' ') return std::nullopt;
  return found;
}

void detect_profile(const Bundle& bundle, Profile& profile) {
  for (const auto& [name, text] : bundle.info.profile) {
    if (find_profile_key(name)) profile.set(name, text, "MANIFEST.json", Strength::detected);
  }
  detect_from_volumes(bundle, profile);
  for (const std::string_view name : bundle.names("scripts/migration")) {
    const auto migration = ShellScript::read(bundle, name);
    const auto folder = migration.is_ok() ? migration->variable("TMP_MIGRATION_DIR") : std::nullopt;
    if (folder && folder->starts_with('/')) {
      profile.set("platform.migration", *folder, fmt::format("{}: TMP_MIGRATION_DIR", name),
                  Strength::detected);
    }
  }
  const std::string entry = deploy_script_entry(bundle, profile);
  const auto script = ShellScript::read(bundle, entry);
  if (!script.is_ok()) return;
  const auto take = [&](const char* variable, const char* key) {
    const auto value = script->variable(variable);
    if (value && !value->empty()) {
      profile.set(key, *value, fmt::format("{}: {}", entry, variable), Strength::detected);
    }
  };
  take("INSTANCE_UID", "platform.instance-uid");
  take("FAST_DATA_DIR", "platform.fast");
  take("SLOW_DATA_DIR", "platform.slow");
  const auto uid = script->variable("INSTANCE_UID");
  if (!uid || uid->empty()) return;
  // The script puts the instance's id before the namespaces (but admin) and behind the folders.
  const auto origin = fmt::format("{}: INSTANCE_UID", entry);
  for (const char* const key : {"platform.fast", "platform.slow"}) {
    const std::string folder = profile.get(key);
    const auto* const value = profile.find(key);
    if (value->origin.starts_with(entry) && !folder.ends_with("-" + *uid)) {
      // Equally strong values stay, so this one is set as a stronger one is.
      profile.set(key, folder + "-" + *uid, origin, Strength::given);
    }
  }
  for (const char* const key : {"namespaces.services", "namespaces.extensions"}) {
    profile.set(key, *uid + "-" + profile.get(key), origin, Strength::detected);
  }
}

Platform::Platform(const Bundle& bundle, Profile profile)
    : bundle_(bundle),
      profile_(std::move(profile)),
      files_(bundle),
      cluster_(bundle),
      search_(bundle),
      keycloak_(bundle),
      objects_(bundle),
      sql_(bundle) {
  detect_profile(bundle, profile_);
  // Without MicroK8s on this machine, and without a cluster elsewhere, there are no objects.
  // Who refuses an answer is there.
  const Bundle::Entry* const pods = bundle.find("k8s/pods.json");
  const bool has_other =
      !profile_.get("kubernetes.kubeconfig").empty() || (pods && pods->state == State::denied);
  const Truth microk8s = files_.exists("/snap/microk8s") || files_.exists("/snap/bin/microk8s");
  if (!has_other && microk8s.is_no()) cluster_.set_gone();
  find_versions();
  name_deploy_script();
}

void Platform::name_deploy_script() {
  const auto names = bundle_.names("scripts/deploy_platform");
  for (const std::string_view name : names) {
    const auto script = ShellScript::read(bundle_, name);
    const auto text = script.is_ok() ? script->variable("PLATFORM_VERSION") : std::nullopt;
    const auto version = text ? parse_platform_version(*text) : std::nullopt;
    const bool is_its = version && version_ && version->version == version_->version;
    const auto line = script_line(bundle_, name);
    if (line.is_ok() && (is_its || names.size() == 1)) {
      profile_.set("platform.deploy-script", line->substr(line->rfind('\t') + 1),
                   std::string(kScriptModes), Strength::detected);
    }
  }
}

std::string Platform::deploy_script() const { return deploy_script_entry(bundle_, profile_); }

Answer<Kubernetes::Objects> Platform::pods() const {
  return cluster_.all("Pod").map([&](const Kubernetes::Objects& all) {
    Kubernetes::Objects own;
    std::ranges::copy_if(all, std::back_inserter(own), [&](const Json* pod) {
      return !is_listed(namespace_of(*pod), profile_.get("namespaces.cluster"));
    });
    return own;
  });
}

Answer<std::vector<Kubernetes::Release>> Platform::releases() const {
  return cluster_.releases().map([&](const std::vector<Kubernetes::Release>& all) {
    std::vector<Kubernetes::Release> own;
    std::ranges::copy_if(all, std::back_inserter(own), [&](const Kubernetes::Release& release) {
      const bool is_cluster = is_listed(release.name_space, profile_.get("namespaces.cluster"));
      return (!is_cluster || release.name.contains("kaapana")) && release.status != "uninstalled";
    });
    return own;
  });
}

Truth Platform::is_running() const {
  return pods().test([](const Kubernetes::Objects& pods) {
    return std::ranges::any_of(
        pods, [](const Json* pod) { return text_at(*pod, "/status/phase") == "Running"; });
  });
}

void Platform::find_versions() {
  const auto add = [&](std::string_view text, std::string evidence) {
    auto version = parse_platform_version(text);
    if (!version) return;
    version->evidence = std::move(evidence);
    versions_.push_back(*std::move(version));
  };
  // What runs counts more than what a file says.
  const auto pods = this->pods();
  if (pods.is_ok()) {
    for (const Json* pod : *pods) {
      for (const std::string& image : images_of(*pod)) {
        if (is_versioned(image)) add(tag_of(image), fmt::format("image {}", image));
      }
    }
  }
  const std::string marker = fast("version");
  if (const auto text = files_.text(marker); text.is_ok()) {
    add(text->substr(0, text->find('\n')), marker);
  }
  const bool is_told = !versions_.empty();
  const auto charts = files_.children(fast("extensions"));
  if (charts.is_ok()) {
    for (const FileInfo& chart : *charts) {
      constexpr std::string_view kBegin = "kaapana-platform-chart-";
      std::string_view name = chart.name();
      if (!name.starts_with(kBegin) || !name.ends_with(".tgz")) continue;
      name.remove_prefix(kBegin.size());
      name.remove_suffix(4);
      add(name, std::string(chart.path));
    }
  }
  if (!is_told) {
    const auto [series, folder] = fingerprint(files_, fast());
    if (!put_first(versions_, series)) {
      add(series, folder);
      std::ranges::rotate(versions_, versions_.end() - 1);
    }
  }
  const std::string entry = deploy_script_entry(bundle_, profile_);
  if (const auto script = ShellScript::read(bundle_, entry); script.is_ok()) {
    if (const auto value = script->variable("PLATFORM_VERSION")) {
      add(*value, fmt::format("{}: PLATFORM_VERSION", entry));
    }
  }
  if (!versions_.empty()) version_ = versions_.front();
}

}  // namespace dagfix::runtime

#include "runtime/collect/files.hpp"

#include <fmt/format.h>
#include <mntent.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

#include "runtime/collect/walk.hpp"
#include "runtime/file.hpp"
#include "runtime/view/openrem.hpp"

namespace dagfix::runtime {

namespace {

constexpr const char* kTree = "fs/tree.tsv";
constexpr std::size_t kMostSmallFiles = 20'000;
constexpr std::uint64_t kMostText = std::uint64_t{64} << 10;
// A file with DAGs, and all of them together: real ones have some ten kilobytes.
constexpr std::uint64_t kMostDag = std::uint64_t{1} << 20;
constexpr std::uint64_t kMostDags = std::uint64_t{256} << 20;
constexpr std::uint64_t kMostSettings = std::uint64_t{1} << 20;
// The archive's schema alone is some hundred kilobytes.
constexpr std::uint64_t kMostSchema = std::uint64_t{4} << 20;

/// Where the guide from 0.1.3 moves a data folder to, if the profile does not name it.
std::string moved(const std::string& folder) { return folder.empty() ? folder : folder + "_0.1.3"; }

/// STATIC_ROOT of OpenREM's settings; empty if it is not a plain text there.
std::string static_root(const Profile& profile) {
  auto bytes = read_whole(openrem_settings_file(profile), kMostSettings);
  if (!bytes) return {};
  Bundle settings;
  settings.put("local_settings.py", *std::move(bytes), {});
  const auto root = OpenRem(settings).setting("STATIC_ROOT");
  return root.is_ok() ? *root : std::string();
}

/// Folders that the profile names or implies, absolute ones only.
std::vector<Root> roots_of(const Profile& profile, bool with_kaapana, bool with_openrem) {
  std::vector<Root> roots;
  const auto add = [&](std::string path, bool only_itself = false) {
    if (path.starts_with('/') && path != "/")
      roots.push_back({plain_path(std::move(path)), only_itself});
  };
  if (with_kaapana) {
    for (const char* const key : {"platform.fast", "platform.slow", "platform.backup",
                                  "platform.migration", "platform.snapshots"}) {
      add(profile.get(key));
    }
    for (const char* const key : {"platform.fast", "platform.slow"}) {
      add(moved(profile.get(key)));
    }
    for (const char* const path : {"/snap/microk8s", "/snap/bin/microk8s", "/var/snap/microk8s"}) {
      add(path, true);
    }
  }
  if (with_openrem) {
    add(profile.get("openrem.folder"));
    add(static_root(profile));
  }
  return roots;
}

std::string_view name_in(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// Whether docs/bundle-format.md wants the content of a file.
bool is_wanted(std::string_view path, std::string_view dags) {
  const std::string_view name = name_in(path);
  if (name == "PG_VERSION" || name == "postmaster.pid" || name == "version") return true;
  return path.starts_with(dags) && (name.ends_with(".py") || name.ends_with("_trigger_rule.json"));
}

/// docker/config.json without credentials: only the hosts that have one.
void put_docker_config(Findings& findings) {
  const std::string path = "/root/.docker/config.json";
  const std::string entry = "fs/small" + path;
  const auto bytes = read_whole(path, std::uint64_t{1} << 20);
  if (!bytes) {
    return findings.fail(entry, state_of_error(bytes.error()),
                         fmt::format("{}: {}", path, bytes.error()));
  }
  const Json config = Json::parse(*bytes, nullptr, false);
  if (!config.is_object()) return findings.fail(entry, State::malformed, path + ": is no JSON");
  Json hosts = Json::object();
  for (const char* const key : {"auths", "credHelpers"}) {
    if (!config.contains(key) || !config[key].is_object()) continue;
    for (const auto& [host, _] : config[key].items()) hosts[host] = Json::object();
  }
  findings.put(entry, Json{{"auths", hosts}}.dump(), path);
}

/// The schema of the archive's directory as it lies on disk, for where nobody answers. The rest of
/// slapd.d has passwords.
void put_directory_schema(const std::string& fast, Findings& findings) {
  const std::string name = "slapd.d/cn=config/cn=schema/";
  const std::string folder = fast + '/' + name;
  const auto files = files_in(folder, {"*.ldif"});
  if (!files) {
    // Not there: the live answer is all there is.
    if (files.error().state == State::absent) return;
    return findings.fail(name + "all.ldif", files.error().state, files.error().evidence);
  }
  for (const std::string& file : *files) {
    put_small(findings, name + file, folder + file, kMostSchema);
  }
}

struct Mount {
  std::string source;
  std::string target;
};

std::vector<Mount> mounts() {
  std::vector<Mount> all;
  const std::unique_ptr<FILE, decltype(&::endmntent)> table(::setmntent("/proc/self/mounts", "r"),
                                                            &::endmntent);
  if (!table) return all;
  mntent entry{};
  std::string buffer(8192, '\0');
  while (::getmntent_r(table.get(), &entry, buffer.data(), static_cast<int>(buffer.size()))) {
    all.push_back({entry.mnt_fsname, entry.mnt_dir});
  }
  return all;
}

bool holds(const Mount& mount, std::string_view path) {
  if (mount.target == "/") return true;
  return path.starts_with(mount.target) &&
         (path.size() == mount.target.size() || path[mount.target.size()] == '/');
}

/// What df writes for the devices that these folders are on.
std::string devices_of(const std::vector<Root>& roots) {
  const std::vector<Mount> all = mounts();
  std::vector<std::string> lines;
  for (const Root& root : roots) {
    std::error_code error;
    const std::string path = std::filesystem::canonical(root.path, error).string();
    if (error) continue;
    const Mount* best = nullptr;
    for (const Mount& mount : all) {
      if (holds(mount, path) && (!best || mount.target.size() >= best->target.size()))
        best = &mount;
    }
    struct statvfs status = {};
    if (!best || ::statvfs(path.c_str(), &status) != 0) continue;
    const std::string available = std::to_string(status.f_bavail * status.f_frsize);
    lines.push_back(fmt::format("{} {} {}\n", best->source, available, best->target));
    // Reached through a link it is the same device under another name.
    if (path != root.path) {
      lines.push_back(fmt::format("{} {} {}\n", best->source, available, root.path));
    }
  }
  std::ranges::sort(lines);
  const auto twice = std::ranges::unique(lines);
  lines.erase(twice.begin(), twice.end());
  return fmt::format("Filesystem Avail Mounted on\n{}", fmt::join(lines, ""));
}

void list(const ProbeContext& context, Findings& findings, const std::vector<Root>& roots) {
  const std::string slow = context.profile.get("platform.slow");
  const std::string dags = context.profile.get("platform.fast") + "/workflows/dags/";
  WalkOptions options;
  for (const std::string& folder : {slow, moved(slow), context.profile.get("platform.migration")}) {
    options.prune.push_back(folder + "/dcm4che/dicom_data");
    options.prune.push_back(folder + "/minio");
  }
  options.wants = [&](std::string_view path) { return is_wanted(path, dags); };
  options.beat = [&] { findings.asking({}); };
  Listing listing = list_folders(roots, options);
  const std::string file = context.work_folder + "/tree.tsv";
  std::ofstream out(file, std::ios::binary);
  out << listing.tree;
  out.close();
  if (!out) return findings.fail(kTree, State::unreachable, file + ": cannot be written");
  std::vector<std::string> names;
  for (const Root& root : roots) names.push_back(root.path);
  const std::string evidence = fmt::format("find {}", fmt::join(names, " "));
  findings.put_file(kTree, file, evidence);
  findings.put("fs/errors.txt", std::move(listing.errors), evidence);
  findings.put("fs/pruned.tsv", std::move(listing.pruned), evidence);
  if (listing.wanted.size() > kMostSmallFiles) {
    findings.warn(fmt::format("files: the content of {} files was left out, there are too many",
                              listing.wanted.size() - kMostSmallFiles));
    listing.wanted.resize(kMostSmallFiles);
  }
  std::uint64_t left = kMostDags;
  for (const std::string& path : listing.wanted) {
    findings.asking({});
    const std::uint64_t most = path.starts_with(dags) ? std::min(kMostDag, left) : kMostText;
    left -= std::min(left, put_small(findings, "fs/small" + path, path, most));
  }
}

void ask_files(const ProbeContext& context, Findings& findings, bool with_kaapana,
               bool with_openrem) {
  findings.asking(kTree);
  const Profile& profile = context.profile;
  const std::vector<Root> roots = roots_of(profile, with_kaapana, with_openrem);
  list(context, findings, roots);
  findings.asking("fs/df.txt");
  findings.put("fs/df.txt", devices_of(roots), "statvfs and /proc/self/mounts");
  if (!with_kaapana) return;
  const std::string fast = profile.get("platform.fast");
  for (const std::string& path :
       {profile.get("platform.slow") + "/minio/.minio.sys/format.json", fast + "/tls/tls.crt",
        fast + "/version", std::string("/var/snap/microk8s/current/args/kube-apiserver")}) {
    put_small(findings, "fs/small" + path, path);
  }
  put_docker_config(findings);
  put_directory_schema(fast, findings);
}

}  // namespace

Probe files_probe(bool with_kaapana, bool with_openrem) {
  return {"files", {kTree, "fs/df.txt"}, [=](const ProbeContext& context, Findings& findings) {
            ask_files(context, findings, with_kaapana, with_openrem);
          }};
}

}  // namespace dagfix::runtime

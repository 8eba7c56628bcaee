#pragma once

#include "runtime/collect/probe.hpp"

namespace dagfix::runtime {

/// Listings, devices and small files of the platform's folders.
Probe files_probe(bool with_kaapana, bool with_openrem);

/// Deploy, server, migration and SQL scripts.
Probe scripts_probe();

/// What lies in the folders where guides put dumps.
Probe dumps_probe();

/// Checksums of the scripts and of the saved OpenSearch snapshots.
Probe checksums_probe();

/// Boot time, user, containers of docker.
Probe host_probe();

/// Units, processes, package versions and settings of OpenREM.
Probe openrem_probe();

/// OpenREM's local_settings.py: openrem.settings, or where it lies in openrem.folder.
std::string openrem_settings_file(const Profile& profile);

/// Puts the content of a small file, or why it could not be read, at `entry`. Larger than `most`
/// bytes is an error. How many bytes were put.
std::uint64_t put_small(Findings& findings, const std::string& entry, const std::string& path,
                        std::uint64_t most = std::uint64_t{64} << 10);

/// Names of the files in a folder that fit one of the patterns of fnmatch(3), sorted. The error is
/// one line; `state` of it is denied, absent or unreachable.
struct FolderProblem {
  State state = State::unreachable;
  std::string evidence;
};
std::expected<std::vector<std::string>, FolderProblem> files_in(
    const std::string& folder, const std::vector<const char*>& patterns);

/// The state that an error of reading a file means.
State state_of_error(std::string_view message);

}  // namespace dagfix::runtime

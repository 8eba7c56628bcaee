#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "runtime/collect/files.hpp"
#include "runtime/collect/walk.hpp"
#include "runtime/file.hpp"

namespace dagfix::runtime {

namespace {

namespace fs = std::filesystem;

constexpr const char* kModes = "scripts/modes.tsv";
constexpr std::uint64_t kMostScript = std::uint64_t{8} << 20;

std::string absolute(const std::string& path) {
  std::error_code error;
  const fs::path found = fs::absolute(path, error).lexically_normal();
  return plain_path(error ? path : found.string());
}

/// The scripts' paths: the deploy script that the profile names, and those of the folder. Where
/// nobody named it, one of the folder will do.
std::vector<std::string> script_paths(const Profile& profile, Findings& findings) {
  const auto* const named = profile.find("platform.deploy-script");
  const std::string deploy = absolute(named->text);
  std::vector<std::string> paths;
  if (named->strength == Profile::Strength::given) paths.push_back(deploy);
  const std::string folder = absolute(profile.get("platform.scripts"));
  const auto names =
      files_in(folder, {"deploy_platform*.sh", "deploy_plaform*.sh", "install_platform*.sh",
                        "server_installation*.sh", "migration*0.3*0.4*.sh", "migration*0.4*0.5*.sh",
                        "update-5.*-psql.sql"});
  if (!names) {
    findings.fail(kModes, names.error().state, names.error().evidence);
  } else {
    for (const std::string& name : *names) paths.push_back(folder + '/' + name);
  }
  const bool has_one = std::ranges::any_of(paths, [](const std::string& path) {
    return path.substr(path.rfind('/') + 1).starts_with("deploy_platform");
  });
  if (!has_one) paths.push_back(deploy);
  return paths;
}

void ask_scripts(const ProbeContext& context, Findings& findings) {
  findings.asking(kModes);
  std::string modes;
  for (const std::string& path : script_paths(context.profile, findings)) {
    const std::string entry = "scripts/" + path.substr(path.rfind('/') + 1);
    if (!entry_name_problem(entry).empty() || findings.bundle().find(entry)) continue;
    findings.asking(entry);
    auto bytes = read_whole(path, kMostScript);
    if (!bytes) {
      findings.fail(entry, state_of_error(bytes.error()),
                    fmt::format("{}: {}", path, bytes.error()));
      continue;
    }
    findings.put(entry, *std::move(bytes), path);
    int error = 0;
    modes += tree_line(path, error);
  }
  if (!findings.bundle().find(kModes)) {
    findings.put(kModes, std::move(modes), absolute(context.profile.get("platform.scripts")));
  }
}

}  // namespace

Probe scripts_probe() { return {"scripts", {kModes}, ask_scripts}; }

}  // namespace dagfix::runtime

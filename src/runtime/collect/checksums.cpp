#include <fmt/format.h>

#include <filesystem>

#include "runtime/collect/files.hpp"
#include "runtime/collect/walk.hpp"
#include "runtime/file.hpp"

namespace dagfix::runtime {

namespace {

namespace fs = std::filesystem;

constexpr const char* kSums = "fs/sha256.txt";
constexpr std::uint64_t kMostBytes = std::uint64_t{2} << 30;

void ask_checksums(const ProbeContext& context, Findings& findings) {
  findings.asking(kSums);
  const Profile& profile = context.profile;
  const std::string fast = profile.get("platform.fast");
  WalkOptions options;
  options.wants = [](std::string_view) { return true; };
  options.beat = [&] { findings.asking({}); };
  std::vector<Root> roots = {{fast + "/os/snapshots"}, {fast + "/os/logs/snapshots"}};
  if (const std::string& saved = profile.get("platform.snapshots"); !saved.empty()) {
    roots.push_back({saved});
  }
  std::vector<std::string> paths = list_folders(roots, options).wanted;
  const std::string scripts = profile.get("platform.scripts");
  if (const auto names = files_in(scripts, {"*.sh", "update-5.*-psql.sql"})) {
    for (const std::string& name : *names) {
      std::error_code ignored;
      paths.push_back(
          fs::absolute(fmt::format("{}/{}", scripts, name), ignored).lexically_normal().string());
    }
  }
  std::uint64_t bytes = 0;
  std::string sums;
  for (const std::string& path : paths) {
    std::error_code error;
    bytes += fs::file_size(path, error);
    if (bytes > kMostBytes) {
      return findings.fail(kSums, State::unreachable,
                           "not asked: the snapshots are larger than 2 GiB");
    }
    findings.asking({});
    if (const auto sum = sha256_of_file(path)) sums += fmt::format("{}  {}\n", *sum, path);
  }
  findings.put(kSums, std::move(sums), fmt::format("sha256sum of {} files", paths.size()));
}

}  // namespace

Probe checksums_probe() { return {"checksums", {kSums}, ask_checksums}; }

}  // namespace dagfix::runtime

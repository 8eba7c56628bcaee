#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

#include "runtime/platform.hpp"

namespace dagfix::runtime {

namespace {

auto series_of(Version version) { return std::tuple(version.major, version.minor); }

}  // namespace

DetectedPhase detect_phase(const Platform& platform, const Guide& guide) {
  const FileTree& files = platform.files();
  const Truth microk8s = files.exists("/snap/microk8s") || files.exists("/snap/bin/microk8s");
  const Truth running = platform.is_running();
  const auto& version = platform.version();
  if (running.is_yes()) {
    const bool is_new = version && version->version >= guide.to;
    const std::string which = version ? version->evidence : "pods run, and none tells its version";
    return {is_new ? Phase::after : Phase::before, which, version.has_value()};
  }
  if (microk8s.is_no()) return {Phase::nocluster, "there is no /snap/microk8s", true};
  if (running.is_no()) return {Phase::down, "no pod of Kaapana runs", true};
  if (const auto claimed = phase_named(platform.bundle().info.phase)) {
    return {*claimed, "MANIFEST.json says so; the cluster could not be seen", false};
  }
  // Without the cluster, the marker that the new platform writes at its start is what there is.
  const bool is_new = version && version->version >= guide.to;
  return {is_new ? Phase::after : Phase::before,
          version ? version->evidence : "nothing tells; the cluster could not be seen", false};
}

const Guide* detect_guide(const GuideBook& book, const Platform& platform, std::string& evidence) {
  const auto& version = platform.version();
  if (!version) {
    evidence = "nothing tells the platform's version: say which guide with --guide";
    return nullptr;
  }
  const Guide* found = nullptr;
  for (const Guide& guide : book.guides()) {
    if (guide.platform != "kaapana") continue;
    if (series_of(guide.from) == series_of(version->version)) found = &guide;
  }
  evidence =
      fmt::format("the platform is {}, says {}", to_string(version->version), version->evidence);
  if (!found) evidence += ": there is no guide from it, say which one with --guide";
  return found;
}

std::vector<std::string> find_contradictions(const Platform& platform, const Guide&,
                                             const DetectedPhase& phase) {
  std::vector<std::string> found;
  const auto& versions = platform.versions();
  for (std::size_t i = 1; i < versions.size(); ++i) {
    if (series_of(versions[i].version) == series_of(versions.front().version)) continue;
    // A deploy script of the next version is what an upgrade begins with.
    if (versions[i].evidence.starts_with("scripts/")) continue;
    found.push_back(fmt::format("{} says {}, {} says {}", versions.front().evidence,
                                to_string(versions.front().version), versions[i].evidence,
                                to_string(versions[i].version)));
  }
  const std::string& claimed = platform.bundle().info.phase;
  if (!claimed.empty() && claimed != name_of(phase.phase)) {
    found.push_back(fmt::format("MANIFEST.json says the phase is {}, but it is {}: {}", claimed,
                                name_of(phase.phase), phase.evidence));
  }
  return found;
}

}  // namespace dagfix::runtime

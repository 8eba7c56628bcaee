#include "runtime/collect/collect.hpp"

#include <unistd.h>

#include <array>
#include <charconv>

#include "runtime/collect/addresses.hpp"
#include "runtime/collect/files.hpp"
#include "runtime/collect/kubernetes.hpp"
#include "runtime/collect/secret.hpp"
#include "runtime/collect/services.hpp"
#include "runtime/platform.hpp"

namespace dagfix::runtime {

namespace {

std::string host_name() {
  std::array<char, 256> name{};
  return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

std::chrono::milliseconds timeout_of(const Profile& profile) {
  const std::string& text = profile.get("collect.timeout");
  unsigned seconds = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr unsigned kDefault = 10;
  const bool is_good = error == std::errc{} && stop == text.data() + text.size() && seconds > 0;
  return std::chrono::seconds(is_good ? seconds : kDefault);
}

/// What the bundle tells of the profile that was used; it has no secrets, only references to them.
std::map<std::string, std::string> used_profile(const Profile& profile) {
  std::map<std::string, std::string> used;
  for (const auto& [name, value] : profile.values()) {
    if (!value.text.empty()) used.emplace(name, value.text);
  }
  return used;
}

std::vector<Probe> later_probes(bool with_kaapana, bool with_openrem) {
  std::vector<Probe> probes;
  probes.push_back(files_probe(with_kaapana, with_openrem));
  probes.push_back(dumps_probe());
  probes.push_back(host_probe());
  if (with_kaapana) {
    probes.push_back(checksums_probe());
    probes.push_back(opensearch_probe());
    probes.push_back(keycloak_probe());
    probes.push_back(minio_probe());
    probes.push_back(ldap_probe());
  }
  if (with_openrem) probes.push_back(openrem_probe());
  for (const std::string_view database : database_names()) {
    const bool is_openrem = database == "openrem";
    if (is_openrem ? with_openrem : with_kaapana) probes.push_back(database_probe(database));
  }
  return probes;
}

}  // namespace

std::expected<Bundle, std::string> collect(const Profile& profile, const CollectOptions& options,
                                           const CollectProgress& progress) {
  const bool is_openrem_guide = options.guide.starts_with("openrem");
  const bool with_openrem = is_openrem_guide || !profile.get("openrem.folder").empty();
  const bool with_kaapana = !is_openrem_guide;

  forbid_core_dumps();
  ProbeContext context;
  context.profile = profile;
  context.work_folder = options.work_folder;
  context.timeout = timeout_of(profile);
  Bundle bundle;
  bundle.info.tool = "dagfix " DAGFIX_VERSION;
  bundle.info.host = host_name();
  bundle.info.taken_at = to_string(options.time);
  // Scripts and cluster tell where the rest is.
  if (with_kaapana) {
    merge(bundle, run_probes({scripts_probe(), kubernetes_probe()}, context, progress));
    detect_profile(bundle, context.profile);
    context.addresses = detect_addresses(bundle, context.profile);
  }
  merge(bundle, run_probes(later_probes(with_kaapana, with_openrem), context, progress));
  bundle.info.profile = used_profile(context.profile);
  return bundle;
}

}  // namespace dagfix::runtime

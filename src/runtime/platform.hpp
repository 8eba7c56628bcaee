#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/bundle.hpp"
#include "runtime/guide.hpp"
#include "runtime/profile.hpp"
#include "runtime/view/file_tree.hpp"
#include "runtime/view/keycloak.hpp"
#include "runtime/view/kubernetes.hpp"
#include "runtime/view/object_listing.hpp"
#include "runtime/view/search.hpp"
#include "runtime/view/sql.hpp"

namespace dagfix::runtime {

/// A version as a platform tells it: "0.5" or "0.5.2".
struct PlatformVersion {
  Version version;
  bool has_patch = false;
  std::string evidence;  ///< Who says so.
};

/// Reads "0.5", "0.5.2", "0.5.2-rc1" and "0.5.2\n"; nothing for another text.
std::optional<PlatformVersion> parse_platform_version(std::string_view text);

/// All views of one bundle, and what they say of the platform as a whole. Keeps references to the
/// bundle.
class Platform {
 public:
  /// `profile` is completed with what the bundle shows: deploy script, volumes.
  Platform(const Bundle& bundle, Profile profile);
  Platform(const Platform&) = delete;
  Platform& operator=(const Platform&) = delete;

  const Bundle& bundle() const { return bundle_; }
  const Profile& profile() const { return profile_; }
  const FileTree& files() const { return files_; }
  const Kubernetes& cluster() const { return cluster_; }
  const Search& search() const { return search_; }
  const Keycloak& keycloak() const { return keycloak_; }
  const ObjectListing& objects() const { return objects_; }
  const Sql& sql() const { return sql_; }

  /// The entry of the deploy script; there may be none of that name.
  std::string deploy_script() const;

  /// FAST and SLOW, and paths in them.
  const std::string& fast() const { return profile_.get("platform.fast"); }
  const std::string& slow() const { return profile_.get("platform.slow"); }
  std::string fast(std::string_view name) const { return join(fast(), name); }
  std::string slow(std::string_view name) const { return join(slow(), name); }

  /// Pods that are Kaapana's, not the cluster's own.
  Answer<Kubernetes::Objects> pods() const;
  /// Releases of Helm that are Kaapana's.
  Answer<std::vector<Kubernetes::Release>> releases() const;
  /// Whether Kaapana's pods run at all.
  Truth is_running() const;

  /// The version that runs, or ran last; from the strongest evidence that there is.
  const std::optional<PlatformVersion>& version() const { return version_; }
  /// All that tells a version, strongest first.
  const std::vector<PlatformVersion>& versions() const { return versions_; }

 private:
  void find_versions();
  /// Sets platform.deploy-script to the path of the one script, or of that of the version.
  void name_deploy_script();

  const Bundle& bundle_;
  Profile profile_;
  FileTree files_;
  Kubernetes cluster_;
  Search search_;
  Keycloak keycloak_;
  ObjectListing objects_;
  Sql sql_;
  std::vector<PlatformVersion> versions_;
  std::optional<PlatformVersion> version_;
};

/// Completes a profile with what a bundle shows. Collectors call it again when they know more.
void detect_profile(const Bundle& bundle, Profile& profile);

/// The phase that a platform is in, seen from a guide.
struct DetectedPhase {
  Phase phase = Phase::before;
  std::string evidence;
  bool is_certain = false;
};
DetectedPhase detect_phase(const Platform& platform, const Guide& guide);

/// The guide that a platform is about to follow, or has begun; null if nothing tells. `evidence`
/// is set.
const Guide* detect_guide(const GuideBook& book, const Platform& platform, std::string& evidence);

/// What a platform says about itself that does not go together. One line each.
std::vector<std::string> find_contradictions(const Platform& platform, const Guide& guide,
                                             const DetectedPhase& phase);

}  // namespace dagfix::runtime

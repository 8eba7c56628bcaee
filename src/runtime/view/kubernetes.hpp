#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

/// Text at a JSON pointer; empty if there is none.
std::string text_at(const Json& object, std::string_view pointer);
/// The value at a JSON pointer; null if there is none.
const Json* value_at(const Json& object, std::string_view pointer);

/// The objects of the cluster as k8s/ of a bundle has them. Not to be copied: objects refer to it.
class Kubernetes {
 public:
  using Objects = std::vector<const Json*>;

  explicit Kubernetes(const Bundle& bundle);
  Kubernetes(const Kubernetes&) = delete;
  Kubernetes& operator=(const Kubernetes&) = delete;

  /// All objects of a kind ("Pod"), sorted by namespace and name.
  Answer<Objects> all(std::string_view kind) const;
  /// Those of a namespace.
  Answer<Objects> in(std::string_view kind, std::string_view name_space) const;
  /// One object; of a kind without namespaces that is empty.
  Answer<const Json*> find(std::string_view kind, std::string_view name_space,
                           std::string_view name) const;

  /// One release of Helm, its newest revision.
  struct Release {
    std::string name;
    std::string name_space;
    std::string status;  ///< "deployed", "failed", "uninstalling", ...
    int revision = 0;
  };
  Answer<std::vector<Release>> releases() const;

  /// From now on the cluster is known not to exist: every kind has no objects.
  void set_gone();

 private:
  struct Kind {
    Answer<Objects> answer = Objects();
  };

  void take(const std::vector<Json>& documents);
  void read_errors(const Bundle& bundle);

  const Bundle& bundle_;
  std::vector<Json> documents_;
  std::map<std::string, Answer<Objects>, std::less<>> kinds_;
  bool is_gone_ = false;
};

/// "services/minio-deployment-5f".
std::string name_of(const Json& object);
std::string namespace_of(const Json& object);

/// Whether a pod's containers all are ready, or it ran to its end.
bool is_pod_good(const Json& pod);
/// What a pod says of itself: "Running", "CrashLoopBackOff", "Pending: ImagePullBackOff".
std::string pod_status(const Json& pod);
/// Images of the containers of a pod, deployment or job.
std::vector<std::string> images_of(const Json& object);
/// What stands behind the last ':' of an image, unless it is a port; may be empty.
std::string_view tag_of(std::string_view image);

}  // namespace dagfix::runtime

#pragma once

#include "runtime/collect/probe.hpp"

namespace dagfix::runtime {

/// Lists of the Kubernetes API, and the metadata of Helm's releases.
Probe kubernetes_probe();

/// The kubeconfig file to use: the profile's, $KUBECONFIG, that of the user (or of the one who
/// called sudo), MicroK8s' own. Empty if there is none.
std::string find_kubeconfig(const Profile& profile);

}  // namespace dagfix::runtime

#pragma once

#include <map>
#include <string>

#include "runtime/bundle.hpp"
#include "runtime/profile.hpp"

namespace dagfix::runtime {

/// Completes a profile with the addresses of services that the cluster's answers in `bundle` show.
/// Returns the addresses of their names, for those who are outside of the cluster's DNS.
std::map<std::string, std::string> detect_addresses(const Bundle& bundle, Profile& profile);

}  // namespace dagfix::runtime

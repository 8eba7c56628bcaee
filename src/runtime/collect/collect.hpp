#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/bundle.hpp"
#include "runtime/guide.hpp"
#include "runtime/profile.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

struct CollectOptions {
  std::string guide;  ///< Name of the guide, so that only its entries are asked for; empty: all.
  std::string work_folder;  ///< New and empty; large answers go into files of it.
  bool allow_exec = false;  ///< Fixed GET commands may be run in pods.
  Time time;                ///< When it starts.
};

/// Told which answer is being asked for, from any thread.
using CollectProgress = std::function<void(std::string_view entry)>;

/// Asks the platform, read-only, and returns its answers. What could not be had is in the bundle
/// with its state; an error, one line, means that nothing could be done at all.
std::expected<Bundle, std::string> collect(const Profile& profile, const CollectOptions& options,
                                           const CollectProgress& progress);

}  // namespace dagfix::runtime

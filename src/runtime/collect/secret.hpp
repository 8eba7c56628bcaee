#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "runtime/profile.hpp"

namespace dagfix::runtime {

/// A password or token. It can only be handed to a library: nothing prints it, and its memory is
/// overwritten when it is gone.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  Secret(const Secret&) = default;
  Secret& operator=(const Secret& other);
  ~Secret();

  bool empty() const { return value_.empty(); }
  /// For the call that needs it. Do not keep it.
  const char* reveal() const { return value_.c_str(); }

 private:
  std::string value_;
};

/// The secret that a profile refers to; an empty one if it refers to none. The error, one line, is
/// that it refers to something that cannot be read.
std::expected<Secret, std::string> read_secret(const Profile& profile, std::string_view key);

/// This process leaves no core file, and others of the same user cannot read its memory or
/// environment.
void forbid_core_dumps();

}  // namespace dagfix::runtime

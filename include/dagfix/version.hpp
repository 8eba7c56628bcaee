#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace dagfix {

/// A released Kaapana version. Ordering is release order.
struct Version {
  std::uint16_t major = 0;
  std::uint16_t minor = 0;
  std::uint16_t patch = 0;

  auto operator<=>(const Version&) const = default;
};

/// "0.5.3".
std::string to_string(Version version);

}  // namespace dagfix

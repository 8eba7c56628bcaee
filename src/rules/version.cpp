#include <fmt/format.h>

#include "dagfix/version.hpp"

namespace dagfix {

std::string to_string(Version version) {
  return fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
}

}  // namespace dagfix

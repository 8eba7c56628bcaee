#include "dagfix/version.hpp"

#include <fmt/format.h>

namespace dagfix {

std::string to_string(Version version) {
  return fmt::format("{}.{}.{}", version.major, version.minor, version.patch);
}

}  // namespace dagfix

#pragma once

#include <cstdint>

namespace dagfix {

enum class ExitCode : std::uint8_t {
  clean = 0,     ///< Nothing (left) to do.
  findings = 1,  ///< Findings (left).
  failure = 2,   ///< dagfix could not do (all of) its work.
  stop = 3,      ///< doctor: something is broken or dangerous.
  unseen = 4,    ///< doctor: nothing is wrong, but something could not be seen.
};

}  // namespace dagfix

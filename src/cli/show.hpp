#pragma once

#include <string>

#include "cli/driver.hpp"
#include "cli/settings.hpp"
#include "cli/terminal.hpp"
#include "report/report.hpp"

namespace dagfix {

/// What a run prints: `output` to standard output or to --output, `notes` to standard error.
struct Shown {
  std::string output;
  std::string notes;
};

/// Lays out an outcome as the settings ask for it.
Shown show(const Outcome& outcome, Mode mode, const Settings& settings, const Terminal& terminal);

}  // namespace dagfix

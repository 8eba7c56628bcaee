#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/scan.hpp"

namespace dagfix {

/// The files of a run; what could not be read, and ignore files of which a part has no effect.
struct Inputs {
  std::vector<Input> files;
  std::vector<PathMessage> failures;
  std::vector<PathMessage> warnings;
};

/// Whether the one path is '-'.
bool is_stdin(const CommandLine& line);

/// Reads standard input, or walks the paths. `exclude_root` and `is_cancelled`: see WalkOptions.
Inputs collect_inputs(
    const CommandLine& line, const std::string& exclude_root,
    std::function<bool()> is_cancelled = [] { return false; });

}  // namespace dagfix

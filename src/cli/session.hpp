#pragma once

#include <expected>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/options.hpp"

namespace dagfix {

/// --check, --diff and --apply, from the configuration file to the exit code. The error is one
/// line.
std::expected<ExitCode, std::string> check_or_fix(const CommandLine& given);

}  // namespace dagfix

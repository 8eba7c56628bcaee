#pragma once

#include <expected>
#include <span>
#include <string>

#include "cli/exit_code.hpp"

namespace dagfix {

/// Checks the steps of an upgrade guide on a platform or a bundle. `arguments` are what follows
/// "dagfix doctor". The error is one line.
std::expected<ExitCode, std::string> doctor_command(std::span<const std::string> arguments);

/// The page of `dagfix doctor --help`.
std::string doctor_help_page();

}  // namespace dagfix

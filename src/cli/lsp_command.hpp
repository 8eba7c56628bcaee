#pragma once

#include <expected>
#include <span>
#include <string>

#include "cli/exit_code.hpp"

namespace dagfix {

/// `dagfix lsp`: serves an editor over standard input and output until it is told to exit. The
/// error is one line.
std::expected<ExitCode, std::string> lsp_command(std::span<const std::string> arguments);

}  // namespace dagfix

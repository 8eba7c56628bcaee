#pragma once

#include <expected>
#include <string>

#include "cli/exit_code.hpp"

namespace dagfix {

/// --undo: takes back the last --apply and says what it did. The error is one line.
std::expected<ExitCode, std::string> undo_command(bool quiet);

}  // namespace dagfix

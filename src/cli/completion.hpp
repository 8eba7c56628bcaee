#pragma once

#include <expected>
#include <span>
#include <string>

namespace dagfix {

/// The script that makes a shell complete dagfix's command line, made from the list of options and
/// the rules. `arguments` are what follows "dagfix completion". The error is one line.
std::expected<std::string, std::string> completion_command(std::span<const std::string> arguments);

}  // namespace dagfix

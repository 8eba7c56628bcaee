#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "cli/settings.hpp"

namespace dagfix {

/// What follows "dagfix" on the command line.
struct CommandLine {
  Settings settings;
  std::vector<std::string> paths;
};

/// The error is one line that names the option.
std::expected<CommandLine, std::string> parse_command_line(std::span<const std::string> arguments);

/// The page that --help prints.
std::string help_page();

}  // namespace dagfix

#pragma once

#include <expected>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/settings.hpp"

namespace dagfix {

/// What follows "dagfix" on the command line.
struct CommandLine {
  Settings settings;
  std::vector<std::string> paths;
  /// Settings that come from a configuration file: name -> place there.
  std::map<std::string, std::string, std::less<>> places;

  /// What an error in a setting's value is about: "--to" or "dagfix.toml:3:6: to".
  std::string origin(std::string_view name) const;
};

/// The error is one line that names the option.
std::expected<CommandLine, std::string> parse_command_line(std::span<const std::string> arguments);

/// The page that --help prints.
std::string help_page();

}  // namespace dagfix

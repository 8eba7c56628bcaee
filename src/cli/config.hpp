#pragma once

#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "cli/settings.hpp"

namespace dagfix {

/// What a configuration file says.
struct Config {
  Settings settings;   ///< Paths in it are relative to the current folder or absolute.
  std::string folder;  ///< Absolute, without symbolic links: where its exclude patterns start.
  /// Key -> "file:line:column: key", for errors that come to light later.
  std::map<std::string, std::string, std::less<>> places;
};

/// The configuration file for what lies at `path`: dagfix.toml, or pyproject.toml if it has a table
/// [tool.dagfix], of the path's folder (of the path itself if it is a folder) or the nearest one
/// above. Error: a pyproject.toml that cannot be read.
std::expected<std::optional<std::string>, std::string> find_config(const std::string& path);

/// Reads dagfix.toml, or [tool.dagfix] of a file called pyproject.toml. The error is one line that
/// names file, line, column and key.
std::expected<Config, std::string> load_config(const std::string& file);

}  // namespace dagfix

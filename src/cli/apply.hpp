#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/driver.hpp"

namespace dagfix {

/// What became of the files that were to be written.
struct Written {
  std::vector<std::optional<std::string>> errors;  ///< Per file: why it was not written.
  /// Where the old bytes are, if a written file lies outside of a git work tree.
  std::optional<std::string> backup;
  std::optional<std::string> warning;  ///< Why --undo will not be possible.
};

/// Writes the new bytes of all files, each one atomically, and keeps the old bytes for --undo.
/// Files outside of a git work tree are not written if their old bytes cannot be kept.
Written write_files(std::span<const Rewrite> files, unsigned jobs);

}  // namespace dagfix

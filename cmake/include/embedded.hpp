#pragma once

#include <span>
#include <string_view>

namespace dagfix {

/// A file that is part of the executable.
struct EmbeddedFile {
  std::string_view path;  ///< Relative to the embedded folder, with '/'.
  std::string_view text;
};

/// All embedded files, sorted by path.
std::span<const EmbeddedFile> embedded_files();

}  // namespace dagfix

#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <vector>

namespace dagfix {

/// What lies in a folder, as far as it matters for finding files that dagfix reads.
struct FolderListing {
  enum class Kind : std::uint8_t { file, link, folder };
  struct Entry {
    std::string name;
    Kind kind = Kind::file;
  };

  /// Folders worth to look into, and files and symbolic links whose name says that dagfix reads
  /// them (files/kind.hpp); in no order.
  std::vector<Entry> entries;
  bool has_git = false;  ///< An entry `.git`.
  bool has_gitignore = false;
  bool has_airflowignore = false;
  bool is_environment = false;  ///< A virtual environment, of Python or conda.
};

/// Lists a folder without asking the system about each entry. Error: errno.
std::expected<FolderListing, int> list_folder(const std::string& path);

}  // namespace dagfix

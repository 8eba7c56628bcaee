#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace dagfix::runtime {

/// What a listing of folders gives, in the forms of docs/bundle-format.md.
struct Listing {
  std::string tree;                 ///< fs/tree.tsv
  std::string errors;               ///< fs/errors.txt
  std::string pruned;               ///< fs/pruned.tsv
  std::vector<std::string> wanted;  ///< Paths of files for which `wants` was true, sorted.
};

struct WalkOptions {
  /// Folders that are counted and not listed.
  std::vector<std::string> prune;
  /// Any other folder below a root is pruned when it has so many files.
  std::uint64_t most_files = 200'000;
  /// Whether the content of a regular file is asked for.
  std::function<bool(std::string_view path)> wants;
  /// Called now and then: the walk goes on.
  std::function<void()> beat;
};

/// A folder to list, or with `only_itself` one that is looked at without what lies below.
struct Root {
  std::string path;
  bool only_itself = false;
};

/// Lists folders. Symbolic links below them are not followed, other file systems are entered.
Listing list_folders(const std::vector<Root>& roots, const WalkOptions& options);

/// The line of fs/tree.tsv for a path, with its line break; empty if it cannot be looked at: then
/// `error` is the errno.
std::string tree_line(const std::string& path, int& error);

}  // namespace dagfix::runtime

#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/airflow_ignore.hpp"
#include "cli/files.hpp"
#include "cli/folder_listing.hpp"
#include "cli/git.hpp"
#include "cli/gitignore.hpp"

namespace dagfix {

/// The ignore files of the folders that a walk comes through. Paths called `real` are absolute and
/// without symbolic links.
class IgnoreTree {
  struct GitLevel;
  struct AirflowLevel;

 public:
  explicit IgnoreTree(AirflowIgnoreSyntax syntax) : syntax_(syntax) {}
  IgnoreTree(const IgnoreTree&) = delete;
  IgnoreTree& operator=(const IgnoreTree&) = delete;

  /// The ignore files that apply to what lies in a folder: chains from the innermost outwards,
  /// owned by the tree.
  struct Levels {
    const GitLevel* git = nullptr;
    const AirflowLevel* airflow = nullptr;
  };

  /// The ignore files of the folders above `real`, up to the root of its git work tree.
  Levels above(const std::string& real);

  /// `outer` and the ignore files of the folder `real` itself. Threads may call this, and
  /// is_ignored(), at the same time.
  Levels enter(Levels outer, const std::string& real, const FolderListing& listing);

  /// Whether something in the folder that `levels` are of is ignored.
  bool is_ignored(const Levels& levels, std::string_view real, bool is_folder) const;

  /// Ignore files that could not be read, or of which a part has no effect.
  std::vector<PathMessage>& warnings() { return warnings_; }

 private:
  struct GitLevel {
    const GitLevel* outer = nullptr;
    std::size_t prefix = 0;  // bytes of the folder's path, with a slash at its end
    GitIgnore patterns;
  };
  struct AirflowLevel {
    const AirflowLevel* outer = nullptr;
    std::size_t prefix = 0;
    std::size_t dag_folder_prefix = 0;
    AirflowIgnore patterns;
  };

  const GitLevel* enter_work_tree(const GitWorkTree& tree);
  const GitLevel* add_git_level(const GitLevel* outer, const std::string& folder,
                                const std::string& file);
  const AirflowLevel* add_airflow_level(const AirflowLevel* outer, const std::string& folder);
  std::optional<std::string> read(const std::string& path);

  AirflowIgnoreSyntax syntax_;
  std::mutex mutex_;
  std::deque<GitLevel> git_levels_;  // deques, since levels point to each other
  std::deque<AirflowLevel> airflow_levels_;
  std::vector<PathMessage> warnings_;
};

}  // namespace dagfix

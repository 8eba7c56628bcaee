#pragma once

#include <optional>
#include <string>

namespace dagfix {

/// The git work tree that a folder (absolute, without symbolic links) lies in.
struct GitWorkTree {
  std::string root;
  std::string exclude_file;  ///< info/exclude of its repository; need not exist.
};

/// Looks for `.git` in the folder and in those above it.
std::optional<GitWorkTree> find_git_work_tree(const std::string& folder);

/// The work tree whose root is `folder`, if it is one. Follows the `.git` files of submodules and
/// of linked work trees.
std::optional<GitWorkTree> git_work_tree_at(const std::string& folder);

}  // namespace dagfix

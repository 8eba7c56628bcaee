#include "cli/git.hpp"

#include <sys/stat.h>

#include <string_view>

#include "cli/files.hpp"
#include "cli/posix.hpp"

namespace dagfix {
namespace {

std::string_view first_line(std::string_view text) {
  return text.substr(0, text.find_first_of("\r\n"));
}

std::string resolved(const std::string& folder, std::string_view path) {
  return path.starts_with('/') ? std::string(path) : join_path(folder, path);
}

// Linked work trees share info/exclude with the repository that they belong to.
std::string common_folder(const std::string& git_folder) {
  const auto common = read_file(join_path(git_folder, "commondir"));
  return common ? resolved(git_folder, first_line(*common)) : git_folder;
}

}  // namespace

std::optional<GitWorkTree> git_work_tree_at(const std::string& folder) {
  constexpr std::string_view kPointer = "gitdir: ";
  std::string git_folder = join_path(folder, ".git");
  struct stat status = {};
  if (::stat(git_folder.c_str(), &status) != 0) return std::nullopt;
  if (S_ISDIR(status.st_mode)) {
    // An empty `.git` is no repository to git either.
    if (::stat(join_path(git_folder, "HEAD").c_str(), &status) != 0) return std::nullopt;
  } else {
    const auto pointer = read_file(git_folder);
    if (!pointer || !pointer->starts_with(kPointer)) return std::nullopt;
    git_folder = common_folder(resolved(folder, first_line(*pointer).substr(kPointer.size())));
  }
  return GitWorkTree{folder, join_path(git_folder, "info/exclude")};
}

std::optional<GitWorkTree> find_git_work_tree(const std::string& folder) {
  for (std::string at = folder;; at = parent_folder(at)) {
    if (auto tree = git_work_tree_at(at)) return tree;
    if (at == "/" || at == ".") return std::nullopt;
  }
}

}  // namespace dagfix

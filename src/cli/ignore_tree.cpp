#include "cli/ignore_tree.hpp"

#include <sys/stat.h>

#include <utility>

#include "cli/posix.hpp"

namespace dagfix {
namespace {

std::size_t prefix_of(std::string_view folder) {
  return folder.size() + (folder.ends_with('/') ? 0 : 1);
}

bool exists(const std::string& path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) == 0;
}

}  // namespace

IgnoreTree::Levels IgnoreTree::above(const std::string& real) {
  const auto tree = find_git_work_tree(real);
  if (!tree || tree->root == real) return {};
  Levels levels{enter_work_tree(*tree), nullptr};
  for (std::string folder = tree->root; folder != real;
       folder = real.substr(0, real.find('/', prefix_of(folder)))) {
    FolderListing listing;
    listing.has_gitignore = exists(join_path(folder, ".gitignore"));
    listing.has_airflowignore = exists(join_path(folder, ".airflowignore"));
    levels = enter(levels, folder, listing);
  }
  return levels;
}

IgnoreTree::Levels IgnoreTree::enter(Levels outer, const std::string& real,
                                     const FolderListing& listing) {
  if (!listing.has_git && !listing.has_gitignore && !listing.has_airflowignore) return outer;
  const std::scoped_lock lock(mutex_);
  if (listing.has_git) {
    // Another repository: what ignores its folder says nothing about what is in it.
    if (const auto tree = git_work_tree_at(real)) outer.git = enter_work_tree(*tree);
  }
  if (listing.has_gitignore) {
    outer.git = add_git_level(outer.git, real, join_path(real, ".gitignore"));
  }
  if (listing.has_airflowignore) outer.airflow = add_airflow_level(outer.airflow, real);
  return outer;
}

bool IgnoreTree::is_ignored(const Levels& levels, std::string_view real, bool is_folder) const {
  for (const GitLevel* level = levels.git; level; level = level->outer) {
    const auto verdict = level->patterns.verdict(real.substr(level->prefix), is_folder);
    if (verdict && *verdict) return true;
    if (verdict) break;
  }
  for (const AirflowLevel* level = levels.airflow; level; level = level->outer) {
    const auto verdict = level->patterns.verdict(real.substr(level->dag_folder_prefix),
                                                 real.substr(level->prefix), is_folder);
    if (verdict) return *verdict;
  }
  return false;
}

const IgnoreTree::GitLevel* IgnoreTree::enter_work_tree(const GitWorkTree& tree) {
  if (!exists(tree.exclude_file)) return nullptr;
  return add_git_level(nullptr, tree.root, tree.exclude_file);
}

const IgnoreTree::GitLevel* IgnoreTree::add_git_level(const GitLevel* outer,
                                                      const std::string& folder,
                                                      const std::string& file) {
  const auto text = read(file);
  if (!text) return outer;
  GitIgnore patterns = GitIgnore::parse(*text);
  if (patterns.empty()) return outer;
  return &git_levels_.emplace_back(GitLevel{outer, prefix_of(folder), std::move(patterns)});
}

const IgnoreTree::AirflowLevel* IgnoreTree::add_airflow_level(const AirflowLevel* outer,
                                                              const std::string& folder) {
  const std::string file = join_path(folder, ".airflowignore");
  const auto text = read(file);
  if (!text) return outer;
  std::vector<std::string> problems;
  AirflowIgnore patterns = AirflowIgnore::parse(*text, syntax_, problems);
  for (std::string& problem : problems) warnings_.push_back({file, std::move(problem)});
  const std::size_t prefix = prefix_of(folder);
  return &airflow_levels_.emplace_back(
      AirflowLevel{outer, prefix, outer ? outer->dag_folder_prefix : prefix, std::move(patterns)});
}

std::optional<std::string> IgnoreTree::read(const std::string& path) {
  auto text = read_file(path);
  if (text) return *std::move(text);
  warnings_.push_back({path, text.error()});
  return std::nullopt;
}

}  // namespace dagfix

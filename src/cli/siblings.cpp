#include "cli/siblings.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "cli/files.hpp"
#include "cli/folder_listing.hpp"
#include "cli/posix.hpp"
#include "project/import_lines.hpp"

namespace dagfix {

namespace {

bool exists(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0;
}

bool is_file(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

/// The folder above, written relative to the same place: "a" of "a/b", "" of "a", ".." of "".
std::string folder_above(const std::string& folder) {
  if (folder.empty() || folder == ".." || folder.ends_with("/..")) return join_path(folder, "..");
  const auto slash = folder.rfind('/');
  if (slash == 0) return "/";
  return slash == std::string::npos ? std::string() : folder.substr(0, slash);
}

/// The folder of the project that a folder belongs to; none outside of one.
std::optional<std::string> project_root(std::string folder) {
  std::optional<std::string> root;
  const auto real = real_path(folder.empty() ? "." : folder);
  if (!real) return root;
  const auto levels = std::ranges::count(*real, '/');
  for (auto level = levels; level > 0; --level, folder = folder_above(folder)) {
    if (exists(join_path(folder, "pyproject.toml")) || exists(join_path(folder, "dagfix.toml"))) {
      root = folder;
    }
    if (exists(join_path(folder, ".git"))) return folder;
  }
  return root;
}

/// Where in a folder a module would lie.
std::vector<std::string> module_files(const std::string& folder, std::string_view module) {
  while (module.starts_with('.')) module.remove_prefix(1);
  std::string path(module);
  std::ranges::replace(path, '.', '/');
  if (path.empty()) return {};
  return {join_path(folder, path + ".py"), join_path(folder, path + "/__init__.py")};
}

/// What the files of one folder import from it, and so on.
void follow_imports(const std::string& folder, std::set<std::string>& files) {
  std::vector<std::string> open(files.begin(), files.end());
  while (!open.empty()) {
    const auto text = read_file(open.back());
    open.pop_back();
    if (!text) continue;
    const auto follow = [&](std::string_view module) {
      for (const std::string& path : module_files(folder, module)) {
        if (is_file(path) && files.insert(path).second) open.push_back(path);
      }
    };
    for_each_import(*text, [&](const ImportLine& line) {
      if (!line.module.empty()) follow(line.module);
      for (const ImportLine::Item& item : line.items) {
        follow(line.module.empty() ? std::string(item.name)
                                   : std::string(line.module) + "." + std::string(item.name));
      }
    });
  }
}

std::set<std::string> files_beside(const std::string& folder) {
  std::set<std::string> files;
  const auto listing = list_folder(folder.empty() ? "." : folder);
  if (!listing) return files;
  for (const FolderListing::Entry& entry : listing->entries) {
    if (entry.kind != FolderListing::Kind::folder) files.insert(join_path(folder, entry.name));
  }
  follow_imports(folder, files);
  return files;
}

bool concerns_kaapana(const std::string& path) {
  const auto bytes = read_file(path);
  return bytes && bytes->contains("kaapana");
}

}  // namespace

std::vector<std::string> sibling_files(std::span<const std::string> given,
                                       const WalkOptions& options) {
  std::set<std::string> folders;
  for (const std::string& path : given) {
    const auto slash = path.rfind('/');
    std::string folder = slash == std::string::npos ? std::string() : path.substr(0, slash);
    if (is_file(path) && !folders.contains(folder) && concerns_kaapana(path)) {
      folders.insert(std::move(folder));
    }
  }
  // A file that is found again is listed under the path that comes first.
  std::vector<std::string> paths(given.begin(), given.end());
  std::set<std::string> added;
  for (const std::string& folder : folders) {
    if (const auto root = project_root(folder)) {
      added.insert(root->empty() ? "." : *root);
    } else {
      added.merge(files_beside(folder));
    }
  }
  if (added.empty()) return {};
  paths.insert(paths.end(), added.begin(), added.end());
  std::vector<std::string> files = collect_files(paths, options).files;
  const std::set<std::string, std::less<>> known(given.begin(), given.end());
  std::erase_if(files, [&](const std::string& path) { return known.contains(path); });
  return files;
}

}  // namespace dagfix

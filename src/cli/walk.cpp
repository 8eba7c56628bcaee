#include "cli/walk.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <iterator>
#include <optional>
#include <string_view>
#include <thread>
#include <tuple>
#include <utility>

#include "cli/drain.hpp"
#include "cli/folder_listing.hpp"
#include "cli/gitignore.hpp"
#include "cli/ignore_tree.hpp"
#include "cli/posix.hpp"

namespace dagfix {
namespace {

struct Folder {
  std::string shown;  // as the user gets to see it; empty: the current one
  std::string real;   // absolute, without symbolic links
  IgnoreTree::Levels outer;
  std::size_t exclude_prefix = 0;  // bytes of `real` that exclude patterns do not see
  std::size_t given = 0;           // which of the given paths it was found in
  bool is_given = false;
};

struct Found {
  std::string shown;
  std::string real;
  std::size_t given = 0;
  bool is_link = false;
};

// What one thread has found.
struct Harvest {
  std::vector<Found> files;
  std::vector<PathMessage> failures;

  void fail(std::string path, std::string message) {
    failures.push_back({std::move(path), std::move(message)});
  }
};

bool lies_in(std::string_view path, std::string_view folder) {
  return path == folder || folder == "/" ||
         (path.starts_with(folder) && path.substr(folder.size()).starts_with('/'));
}

std::string folder_problem(const std::string& path, int error) {
  return error == EACCES ? "no permission to list it" : open_problem(path, error);
}

void take_link(std::string shown, std::size_t given, Harvest& harvest) {
  struct stat status = {};
  if (::stat(shown.c_str(), &status) != 0) {
    return harvest.fail(shown, open_problem(shown, errno));
  }
  if (!S_ISREG(status.st_mode)) return;
  auto real = real_path(shown);
  if (!real) return harvest.fail(shown, open_problem(shown, real.error()));
  harvest.files.push_back({std::move(shown), *std::move(real), given, true});
}

class Walker {
 public:
  explicit Walker(const WalkOptions& options)
      : exclude_root_(options.exclude_root.empty() ? real_path(".").value_or("")
                                                   : options.exclude_root),
        ignores_(options.airflowignore) {
    for (const std::string& glob : options.excludes) excludes_.add(glob);
  }

  // A path that was given: its folder, if it is one.
  std::optional<Folder> enter(const std::string& path, std::size_t given, Harvest& harvest) {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) {
      harvest.fail(path, open_problem(path, errno));
      return std::nullopt;
    }
    const auto real = real_path(path);
    if (!real) {
      harvest.fail(path, open_problem(path, real.error()));
    } else if (S_ISDIR(status.st_mode)) {
      const std::string& root = lies_in(*real, exclude_root_) ? exclude_root_ : *real;
      const bool is_current = path == "." || path == "./";
      return Folder{is_current ? "" : path,     *real, ignores_.above(*real),
                    join_path(root, "").size(), given, true};
    } else if (const auto problem = not_a_file(status.st_mode); !problem.empty()) {
      harvest.fail(path, std::string(problem));
    } else {
      struct stat link = {};
      const bool is_link = ::lstat(path.c_str(), &link) == 0 && S_ISLNK(link.st_mode);
      harvest.files.push_back({path, *real, given, is_link});
    }
    return std::nullopt;
  }

  void visit(const Folder& folder, std::vector<Folder>& more, Harvest& harvest) {
    const std::string path = folder.shown.empty() ? "." : folder.shown;
    const auto listing = list_folder(path);
    if (!listing) return harvest.fail(path, folder_problem(path, listing.error()));
    if (listing->is_environment && !folder.is_given) return;
    const IgnoreTree::Levels levels = ignores_.enter(folder.outer, folder.real, *listing);
    std::string real = join_path(folder.real, "");
    const std::size_t prefix = real.size();
    for (const FolderListing::Entry& entry : listing->entries) {
      const bool is_folder = entry.kind == FolderListing::Kind::folder;
      real.replace(prefix, std::string::npos, entry.name);
      const std::string_view below_root = std::string_view(real).substr(folder.exclude_prefix);
      if (excludes_.verdict(below_root, is_folder).value_or(false)) continue;
      if (ignores_.is_ignored(levels, real, is_folder)) continue;
      std::string shown = join_path(folder.shown, entry.name);
      if (is_folder) {
        more.push_back({std::move(shown), real, levels, folder.exclude_prefix, folder.given});
      } else if (entry.kind == FolderListing::Kind::link) {
        take_link(std::move(shown), folder.given, harvest);
      } else {
        harvest.files.push_back({std::move(shown), real, folder.given});
      }
    }
  }

  std::vector<PathMessage>& warnings() { return ignores_.warnings(); }

 private:
  GitIgnore excludes_;
  std::string exclude_root_;
  IgnoreTree ignores_;
};

// Keeps the first of equal files; a link counts as later than the file itself.
void list_once(std::vector<Found>& files) {
  std::ranges::sort(files, {}, [](const Found& file) {
    return std::tuple<const std::string&, bool, std::size_t, const std::string&>(
        file.real, file.is_link, file.given, file.shown);
  });
  const auto doubles = std::ranges::unique(files, {}, &Found::real);
  files.erase(doubles.begin(), doubles.end());
}

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::ranges::sort(values);
  const auto doubles = std::ranges::unique(values);
  values.erase(doubles.begin(), doubles.end());
}

}  // namespace

CollectedFiles collect_files(std::span<const std::string> paths, const WalkOptions& options) {
  Walker walker(options);
  const unsigned threads =
      options.threads > 0 ? options.threads : std::max(std::thread::hardware_concurrency(), 1u);
  std::vector<Harvest> harvests(threads);
  std::vector<Folder> folders;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (auto folder = walker.enter(paths[i], i, harvests[0])) folders.push_back(*std::move(folder));
  }
  Drain(std::move(folders))
      .run(threads, [&](const Folder& folder, std::vector<Folder>& more, unsigned worker) {
        if (!options.is_cancelled()) walker.visit(folder, more, harvests[worker]);
      });

  std::vector<Found> found;
  CollectedFiles result;
  for (Harvest& harvest : harvests) {
    std::ranges::move(harvest.files, std::back_inserter(found));
    std::ranges::move(harvest.failures, std::back_inserter(result.failures));
  }
  list_once(found);
  result.files.reserve(found.size());
  for (Found& file : found) result.files.push_back(std::move(file.shown));
  result.warnings = std::move(walker.warnings());
  std::ranges::sort(result.files);
  sort_unique(result.failures);
  sort_unique(result.warnings);
  return result;
}

}  // namespace dagfix

#include "runtime/collect/walk.hpp"

#include <fmt/format.h>
#include <fts.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <system_error>

namespace dagfix::runtime {

namespace {

constexpr std::uint64_t kBeat = 1000;

char type_of(mode_t mode) {
  if (S_ISDIR(mode)) return 'd';
  if (S_ISREG(mode)) return 'f';
  if (S_ISLNK(mode)) return 'l';
  if (S_ISSOCK(mode)) return 's';
  if (S_ISFIFO(mode)) return 'p';
  if (S_ISBLK(mode)) return 'b';
  return S_ISCHR(mode) ? 'c' : 'U';
}

constexpr mode_t kPermissions = 07777;

std::string line_of(std::string_view path, const struct stat& status) {
  return fmt::format("{}\t{:o}\t{}:{}\t{}\t{}.{:09}0\t{}\n", type_of(status.st_mode),
                     status.st_mode & kPermissions, status.st_uid, status.st_gid, status.st_size,
                     status.st_mtim.tv_sec, status.st_mtim.tv_nsec, path);
}

std::string error_line(std::string_view path, int error) {
  return fmt::format("find: '{}': {}\n", path, std::generic_category().message(error));
}

/// A line break would begin a line that is none; a path with one cannot be asked for anyway.
bool can_be_listed(std::string_view path) { return !path.contains('\n'); }

/// A folder that is being listed: where its content begins, and what it sums up to.
struct Open {
  std::size_t tree_size = 0;
  std::size_t errors_size = 0;
  std::size_t pruned_size = 0;
  std::size_t wanted_size = 0;
  std::uint64_t listed = 0;  // files that are lines of the listing
  std::uint64_t files = 0;   // those, and those of pruned folders
  std::uint64_t bytes = 0;
  double newest = 0;
};

class Walker {
 public:
  Walker(Listing& out, const WalkOptions& options) : out_(out), options_(options) {}

  void walk(const std::string& root) {
    char* const paths[] = {const_cast<char*>(root.c_str()), nullptr};
    // The root itself may be a link: platforms link their folders to larger disks.
    const std::unique_ptr<FTS, decltype(&fts_close)> tree(
        fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, &by_name), &fts_close);
    if (!tree) {
      out_.errors += error_line(root, errno);
      return;
    }
    open_.clear();
    counting_ = 0;
    while (FTSENT* const entry = fts_read(tree.get())) take(*entry);
  }

 private:
  static int by_name(const FTSENT** left, const FTSENT** right) {
    return std::string_view((*left)->fts_name).compare((*right)->fts_name);
  }

  void take(const FTSENT& entry) {
    if (++seen_ % kBeat == 0 && options_.beat) options_.beat();
    const std::string_view path(entry.fts_path, entry.fts_pathlen);
    switch (entry.fts_info) {
      case FTS_D:
        return enter(path, *entry.fts_statp);
      case FTS_DP:
        return leave(path);
      case FTS_DNR:
        out_.errors += error_line(path, entry.fts_errno);
        return leave(path);
      case FTS_ERR:
      case FTS_NS:
        // A file that has gone between listing and looking is not there.
        if (entry.fts_level == 0 || entry.fts_errno != ENOENT) {
          out_.errors += error_line(path, entry.fts_errno);
        }
        return;
      case FTS_DC:
        out_.errors += error_line(path, ELOOP);
        return;
      default:
        return add_file(path, *entry.fts_statp);
    }
  }

  void enter(std::string_view path, const struct stat& status) {
    if (counting_ == 0 && can_be_listed(path)) out_.tree += line_of(path, status);
    open_.push_back({out_.tree.size(), out_.errors.size(), out_.pruned.size(), out_.wanted.size()});
    const bool is_pruned = std::ranges::find(options_.prune, path) != options_.prune.end();
    if (counting_ == 0 && is_pruned) counting_ = open_.size();
  }

  void leave(std::string_view path) {
    const Open folder = open_.back();
    const bool is_pruned = counting_ == open_.size();
    open_.pop_back();
    if (is_pruned) {
      counting_ = 0;
      if (can_be_listed(path)) {
        out_.pruned +=
            fmt::format("{}\t{}\t{:.9f}\t{}\n", folder.files, folder.bytes, folder.newest, path);
      }
    }
    if (open_.empty()) return;
    Open& outer = open_.back();
    // What a pruned folder has is not listed, and does not make the one above it large.
    outer.listed += is_pruned ? 0 : folder.listed;
    outer.files += folder.files;
    outer.bytes += folder.bytes;
    outer.newest = std::max(outer.newest, folder.newest);
    if (counting_ == 0) prune_if_large();
  }

  void add_file(std::string_view path, const struct stat& status) {
    if (open_.empty()) {
      if (can_be_listed(path)) out_.tree += line_of(path, status);
      return;
    }
    if (S_ISREG(status.st_mode)) {
      Open& folder = open_.back();
      folder.listed += 1;
      folder.files += 1;
      folder.bytes += static_cast<std::uint64_t>(status.st_size);
      constexpr double kNano = 1e-9;
      folder.newest =
          std::max(folder.newest, static_cast<double>(status.st_mtim.tv_sec) +
                                      kNano * static_cast<double>(status.st_mtim.tv_nsec));
    }
    if (counting_ != 0) return;
    if (can_be_listed(path)) {
      out_.tree += line_of(path, status);
      if (S_ISREG(status.st_mode) && options_.wants && options_.wants(path)) {
        out_.wanted.emplace_back(path);
      }
    }
    prune_if_large();
  }

  /// Takes back what was listed of the innermost folder and goes on counting. A root is never
  /// pruned: nothing would be known of it.
  void prune_if_large() {
    if (open_.size() < 2 || open_.back().listed < options_.most_files) return;
    const Open& folder = open_.back();
    out_.tree.resize(folder.tree_size);
    out_.errors.resize(folder.errors_size);
    out_.pruned.resize(folder.pruned_size);
    out_.wanted.resize(folder.wanted_size);
    counting_ = open_.size();
  }

  Listing& out_;
  const WalkOptions& options_;
  std::vector<Open> open_;    // the folders around the current entry
  std::size_t counting_ = 0;  // number of open folders when counting began; 0: listing
  std::uint64_t seen_ = 0;
};

/// Without those that lie in others: they would be listed twice.
std::vector<Root> outermost(std::vector<Root> roots) {
  std::ranges::stable_sort(roots, {}, &Root::path);
  std::vector<Root> kept;
  for (Root& root : roots) {
    const bool is_inside = std::ranges::any_of(kept, [&](const Root& other) {
      return !other.only_itself &&
             (root.path == other.path || root.path.starts_with(other.path + '/'));
    });
    if (!is_inside) kept.push_back(std::move(root));
  }
  return kept;
}

}  // namespace

std::string tree_line(const std::string& path, int& error) {
  struct stat status = {};
  error = ::lstat(path.c_str(), &status) == 0 ? 0 : errno;
  return error == 0 ? line_of(path, status) : std::string();
}

Listing list_folders(const std::vector<Root>& roots, const WalkOptions& options) {
  Listing listing;
  Walker walker(listing, options);
  for (const Root& root : outermost(roots)) {
    if (!root.only_itself) {
      walker.walk(root.path);
      continue;
    }
    int error = 0;
    listing.tree += tree_line(root.path, error);
    if (error != 0) listing.errors += error_line(root.path, error);
  }
  std::ranges::sort(listing.wanted);
  return listing;
}

}  // namespace dagfix::runtime

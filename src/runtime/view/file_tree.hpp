#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

/// One file, folder or link of the platform's machine.
struct FileInfo {
  std::string_view path;
  char type = 'f';  ///< As find prints it: f, d, l, ...
  unsigned mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint64_t size = 0;
  Time modified;

  bool is_folder() const { return type == 'd'; }
  std::string_view name() const { return path.substr(path.rfind('/') + 1); }
};

/// The files of the platform's machine as fs/ of a bundle has them. Paths are absolute. Not to be
/// copied: FileInfo refers to it.
class FileTree {
 public:
  explicit FileTree(const Bundle& bundle);
  FileTree(const FileTree&) = delete;
  FileTree& operator=(const FileTree&) = delete;

  Answer<FileInfo> find(std::string_view path) const;
  Truth exists(std::string_view path) const { return find(path).exists(); }
  /// Whether it is a folder with nothing in it.
  Truth is_empty_folder(std::string_view path) const;
  /// What lies in a folder, by name.
  Answer<std::vector<FileInfo>> children(std::string_view path) const;
  /// All that lies below a folder, by path, without itself.
  Answer<std::vector<FileInfo>> below(std::string_view path) const;

  /// Count and size of the regular files below a folder.
  struct Sum {
    std::uint64_t files = 0;
    std::uint64_t bytes = 0;
    Time newest;
  };
  Answer<Sum> sum(std::string_view path) const;

  /// The content of a small file without white space around it.
  Answer<std::string> text(std::string_view path) const;
  /// PG_VERSION of a PostgreSQL data folder: "9.6", "15".
  Answer<std::string> pg_version(std::string_view folder) const;

  struct Device {
    std::string target;  ///< Where it is mounted.
    std::uint64_t available = 0;
  };
  /// The device that a path lies on.
  Answer<Device> device(std::string_view path) const;

 private:
  struct Problem {
    std::string path;
    State state;
    std::string evidence;
  };
  struct Pruned {
    std::string path;
    Sum sum;
  };

  void read_listing(const Bundle& bundle);
  void read_errors(const Bundle& bundle);
  void read_pruned(const Bundle& bundle);
  const FileInfo* at(std::string_view path) const;
  /// Nodes below a path: [first, last).
  std::pair<std::size_t, std::size_t> range_below(std::string_view path) const;
  /// Whether all below a folder was listed; else why not.
  Answer<FileInfo> listed_folder(std::string_view path, bool pruned_counts) const;
  Answer<FileInfo> missing(std::string_view path) const;

  const Bundle& bundle_;
  std::string paths_;  // of all nodes, one after the other
  std::vector<FileInfo> nodes_;
  std::vector<Problem> problems_;
  std::vector<Pruned> pruned_;
  State state_ = State::ok;
  Unseen unseen_;
};

/// `folder/name` with one '/' between.
std::string join(std::string_view folder, std::string_view name);

/// Whether `path` is `folder` or lies below it.
bool is_within(std::string_view path, std::string_view folder);

}  // namespace dagfix::runtime

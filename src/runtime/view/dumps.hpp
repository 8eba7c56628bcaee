#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle.hpp"

namespace dagfix::runtime {

/// One database dump, looked at where it lies.
struct DumpFile {
  std::string path;
  std::string kind;  ///< "plain", "custom", "empty" or "other".
  std::string head;  ///< Its first line.
  bool is_complete = false;
  bool has_crlf = false;
  std::string server_version;
  std::uint64_t size = 0;
  std::map<std::string, std::uint64_t, std::less<>> tables;  ///< Rows.
  std::map<std::string, std::set<std::string, std::less<>>, std::less<>> columns;

  std::string_view name() const { return std::string_view(path).substr(path.rfind('/') + 1); }
  bool has_column(std::string_view table, std::string_view column) const;
  /// Rows of a table. Absent: the dump has no such table.
  Answer<std::uint64_t> rows(std::string_view table) const;
};

/// The dumps that pg/dumps.json of a bundle tells of.
class Dumps {
 public:
  explicit Dumps(const Bundle& bundle);

  /// The dump with this file name. Absent: all folders were looked at, and it is in none.
  Answer<DumpFile> find(std::string_view name) const;
  /// The dump at this path. Absent: its folder was looked at, and it is not there.
  Answer<DumpFile> at(std::string_view path) const;
  /// All that could be read. Not seen: none, and something could not be read.
  Answer<std::vector<DumpFile>> list() const;

 private:
  std::vector<DumpFile> dumps_;
  std::map<std::string, Unseen, std::less<>> unseen_;  // folders and files, by path
  Answer<bool> state_ = true;
};

}  // namespace dagfix::runtime

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dagfix {

/// Whether a glob as git knows it matches all of `path`: `*`, `?` and `[...]` stop at slashes,
/// `**` between slashes does not. Takes at most about |glob| * |path| steps per `**`.
bool glob_matches(std::string_view glob, std::string_view path);

/// The patterns of one .gitignore file, with the meaning that git gives them.
class GitIgnore {
 public:
  /// Parses a whole file: comments, empty lines, CRLF and a BOM are understood.
  static GitIgnore parse(std::string_view text);

  /// Adds one pattern: `!keep.py`, `/build/`, `a/**/b`.
  void add(std::string_view line);

  bool empty() const { return patterns_.empty(); }

  /// What the last pattern that matches says of a path relative to the folder of the file: true
  /// if it is ignored, false if a `!` pattern keeps it; nothing if no pattern matches. What lies
  /// in an ignored folder is ignored, whatever this says: do not go into that folder.
  std::optional<bool> verdict(std::string_view path, bool is_folder) const;

 private:
  enum class Kind { literal, suffix, glob };
  struct Pattern {
    std::string glob;
    Kind kind = Kind::glob;
    bool keeps = false;
    bool only_folders = false;
    bool whole_path = false;  // otherwise the last name decides

    bool matches(std::string_view path, std::string_view name) const;
  };

  std::vector<Pattern> patterns_;
};

}  // namespace dagfix

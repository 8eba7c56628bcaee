#pragma once

#include <sys/stat.h>

#include <expected>
#include <string>
#include <string_view>

namespace dagfix {

/// Something to tell the user about a path; one line.
struct PathMessage {
  std::string path;
  std::string message;

  auto operator<=>(const PathMessage&) const = default;
};

// The errors of this header are one line and do not name the path that was passed.

/// Bytes of a regular file of at most SourceFile::kMaxBytes. Never blocks on a named pipe; a file
/// that is too large is refused before it is read. Follows symbolic links.
std::expected<std::string, std::string> read_file(const std::string& path);

/// The same; nothing, and no error, of a file that is larger than `most` bytes.
std::expected<std::string, std::string> read_file_up_to(const std::string& path, std::size_t most);

/// Makes `new_bytes` the content of an existing file: whoever opens it, at any moment, sees the old
/// or the new bytes, also when dagfix is killed. Refused, with nothing written, if the file no
/// longer holds `old_bytes` or may not be written. Durable when it returns.
///
/// A symbolic link stays one, its target is replaced. Mode bits stay; owner, access control list
/// and other extended attributes stay as far as the system allows. The new file has a new inode:
/// if the old one has further hard links, these keep the old bytes, since bytes can only be
/// changed in place at the risk of a torn file.
std::expected<void, std::string> write_atomically(const std::string& path,
                                                  std::string_view new_bytes,
                                                  std::string_view old_bytes);

/// Why something with these mode bits is no regular file: "is a folder, not a file"; empty if it
/// is one.
std::string_view not_a_file(mode_t mode);

/// Why `path` could not be opened, from errno: tells a dangling symbolic link from a missing file.
std::string open_problem(const std::string& path, int error);

}  // namespace dagfix

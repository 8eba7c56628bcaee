#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

namespace dagfix {

/// Owns a file descriptor.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int fd) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd();

  explicit operator bool() const { return fd_ >= 0; }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }
  /// Closes and says what close() says: on some file systems that a write failed. 0 or errno.
  int close();

 private:
  int fd_ = -1;
};

/// openat() with O_CLOEXEC that is repeated when a signal interrupts it.
Fd open_at(int folder, const char* path, int flags, unsigned mode = 0);

/// "No space left on device".
std::string errno_text(int error);

/// All bytes from where the descriptor stands; `expected_size` is a guess. Reads no more than
/// `most` bytes. Error: errno, EFBIG if there is more.
std::expected<std::string, int> read_all(int fd, std::size_t expected_size, std::size_t most);

/// Error: errno.
std::expected<void, int> write_all(int fd, std::string_view bytes);

/// fsync() that is repeated when a signal interrupts it. Error: errno.
std::expected<void, int> sync_file(int fd);

/// Makes names that were created, renamed or removed in a folder durable. File systems that
/// cannot do that are not an error: the names are right, just not yet on the disk.
void sync_folder(const std::string& path);

/// The absolute path without symbolic links. Error: errno.
std::expected<std::string, int> real_path(const std::string& path);

/// `folder` + "/" + `name`; `name` alone if the folder is empty.
std::string join_path(std::string_view folder, std::string_view name);

/// "/a/b" of "/a/b/c", "/" of "/a", "." of "a".
std::string parent_folder(std::string_view path);

}  // namespace dagfix

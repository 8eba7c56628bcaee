#include "cli/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <random>
#include <utility>

#include "cli/posix.hpp"
#include "text/source_file.hpp"

namespace dagfix {
namespace {

constexpr mode_t kAllModeBits = 07777;
constexpr std::string_view kChanged = "changed while dagfix was running; nothing was written";

struct OpenFile {
  Fd fd;
  struct stat status = {};
};

// O_NONBLOCK: opening a named pipe must not wait for a writer. It changes nothing for files.
std::expected<OpenFile, std::string> open_file(const std::string& path) {
  OpenFile file{open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY)};
  if (!file.fd) return std::unexpected(open_problem(path, errno));
  if (::fstat(file.fd.get(), &file.status) != 0) return std::unexpected(errno_text(errno));
  if (const auto problem = not_a_file(file.status.st_mode); !problem.empty()) {
    return std::unexpected(std::string(problem));
  }
  return file;
}

std::string too_large() {
  return fmt::format("larger than {} MiB: not a DAG", SourceFile::kMaxBytes >> 20);
}

std::expected<std::string, std::string> read_open_file(const OpenFile& file) {
  const auto size = static_cast<std::size_t>(file.status.st_size);
  if (size > SourceFile::kMaxBytes) return std::unexpected(too_large());
  auto bytes = read_all(file.fd.get(), size, SourceFile::kMaxBytes);
  if (bytes) return *std::move(bytes);
  return std::unexpected(bytes.error() == EFBIG ? too_large() : errno_text(bytes.error()));
}

bool is_same_version(const struct stat& a, const struct stat& b) {
  const auto same_time = [](const timespec& x, const timespec& y) {
    return x.tv_sec == y.tv_sec && x.tv_nsec == y.tv_nsec;
  };
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         same_time(a.st_mtim, b.st_mtim) && same_time(a.st_ctim, b.st_ctim);
}

// Root may write everything, but whoever made a file read-only meant it.
std::string_view not_writable(const std::string& real, const struct stat& status) {
  constexpr mode_t kAnyWrite = S_IWUSR | S_IWGRP | S_IWOTH;
  if ((status.st_mode & kAnyWrite) == 0) return "read-only file; nothing was written";
  if (::faccessat(AT_FDCWD, real.c_str(), W_OK, AT_EACCESS) != 0) {
    return errno == EROFS ? "read-only file system; nothing was written"
                          : "no permission to write it; nothing was written";
  }
  return {};
}

// A file next to the one that it will replace. Removed again unless it was renamed.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::string& folder) {
    std::random_device random;
    constexpr int kAttempts = 100;
    for (int attempt = 0; attempt < kAttempts && !fd_; ++attempt) {
      path_ = join_path(folder, fmt::format(".dagfix-{:08x}{:08x}.tmp", random(), random()));
      fd_ = open_at(AT_FDCWD, path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0600);
      if (!fd_ && errno != EEXIST) break;
    }
    if (!fd_) {
      error_ = errno;
      path_.clear();
    }
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) ::unlink(path_.c_str());
  }

  // 0 or why the file could not be created.
  int error() const { return error_; }
  int fd() const { return fd_.get(); }

  std::expected<void, int> rename_to(const std::string& target) {
    if (const int error = fd_.close(); error != 0) return std::unexpected(error);
    if (::rename(path_.c_str(), target.c_str()) != 0) return std::unexpected(errno);
    path_.clear();
    return {};
  }

 private:
  std::string path_;
  Fd fd_;
  int error_ = 0;
};

// Access control lists and what else the old file carries; the new one may do without.
void copy_extended_attributes(int from, int to) {
  const ssize_t names_size = ::flistxattr(from, nullptr, 0);
  if (names_size <= 0) return;
  std::string names(static_cast<std::size_t>(names_size), '\0');
  const ssize_t listed = ::flistxattr(from, names.data(), names.size());
  if (listed <= 0) return;
  names.resize(static_cast<std::size_t>(listed));
  for (std::size_t at = 0; at < names.size(); at = names.find('\0', at) + 1) {
    const char* const name = names.c_str() + at;
    const ssize_t size = ::fgetxattr(from, name, nullptr, 0);
    if (size < 0) continue;
    std::string value(static_cast<std::size_t>(size), '\0');
    if (::fgetxattr(from, name, value.data(), value.size()) != size) continue;
    [[maybe_unused]] const int copied = ::fsetxattr(to, name, value.data(), value.size(), 0);
  }
}

// Changing the owner clears the set-user-ID bit, so the mode comes last.
std::expected<void, int> copy_attributes(const OpenFile& old, int to) {
  copy_extended_attributes(old.fd.get(), to);
  mode_t mode = old.status.st_mode & kAllModeBits;
  if (::fchown(to, old.status.st_uid, old.status.st_gid) != 0) {
    mode &= ~static_cast<mode_t>(S_ISUID | S_ISGID);
    [[maybe_unused]] const int kept_group = ::fchown(to, static_cast<uid_t>(-1), old.status.st_gid);
  }
  if (::fchmod(to, mode) != 0) return std::unexpected(errno);
  return {};
}

// Attributes come after the bytes, since writing clears the set-user-ID bit.
std::expected<void, int> fill(int to, std::string_view bytes, const OpenFile& old) {
  if (auto written = write_all(to, bytes); !written) return written;
  if (auto copied = copy_attributes(old, to); !copied) return copied;
  return sync_file(to);
}

std::expected<OpenFile, std::string> open_unchanged(const std::string& real,
                                                    std::string_view old_bytes) {
  auto file = open_file(real);
  if (!file) return file;
  if (const auto problem = not_writable(real, file->status); !problem.empty()) {
    return std::unexpected(std::string(problem));
  }
  const auto bytes = read_open_file(*file);
  if (!bytes) return std::unexpected(bytes.error());
  if (*bytes != old_bytes) return std::unexpected(std::string(kChanged));
  return file;
}

std::unexpected<std::string> not_written(int error) {
  return std::unexpected(errno_text(error) + "; nothing was written");
}

}  // namespace

std::expected<std::string, std::string> read_file(const std::string& path) {
  const auto file = open_file(path);
  if (!file) return std::unexpected(file.error());
  return read_open_file(*file);
}

std::expected<std::string, std::string> read_file_up_to(const std::string& path, std::size_t most) {
  const auto file = open_file(path);
  if (!file) return std::unexpected(file.error());
  if (static_cast<std::size_t>(file->status.st_size) > most) return std::string();
  return read_open_file(*file);
}

std::expected<void, std::string> write_atomically(const std::string& path,
                                                  std::string_view new_bytes,
                                                  std::string_view old_bytes) {
  const auto real = real_path(path);
  if (!real) return std::unexpected(open_problem(path, real.error()));
  const auto old = open_unchanged(*real, old_bytes);
  if (!old) return std::unexpected(old.error());

  const std::string folder = parent_folder(*real);
  TemporaryFile temporary(folder);
  if (temporary.error() != 0) {
    return std::unexpected(fmt::format("cannot create a file in {}: {}; nothing was written",
                                       folder, errno_text(temporary.error())));
  }
  if (const auto filled = fill(temporary.fd(), new_bytes, *old); !filled) {
    return not_written(filled.error());
  }
  struct stat now = {};
  if (::stat(real->c_str(), &now) != 0 || !is_same_version(now, old->status)) {
    return std::unexpected(std::string(kChanged));
  }
  if (const auto renamed = temporary.rename_to(*real); !renamed) {
    return not_written(renamed.error());
  }
  sync_folder(folder);
  return {};
}

std::string_view not_a_file(mode_t mode) {
  if (S_ISREG(mode)) return {};
  if (S_ISDIR(mode)) return "is a folder, not a file";
  if (S_ISFIFO(mode)) return "is a named pipe, not a file";
  if (S_ISSOCK(mode)) return "is a socket, not a file";
  return "is a device, not a file";
}

std::string open_problem(const std::string& path, int error) {
  struct stat status = {};
  switch (error) {
    case ENOENT:
      return ::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode)
                 ? "dangling symbolic link"
                 : "no such file or folder";
    case ELOOP:
      return "symbolic link that leads to itself";
    case EACCES:
      return "no permission to read it";
    case ENXIO:
      return "is a socket or a device, not a file";
    default:
      return errno_text(error);
  }
}

}  // namespace dagfix

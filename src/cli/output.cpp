#include "cli/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "cli/files.hpp"
#include "cli/posix.hpp"
#include "report/unicode.hpp"

namespace dagfix {

namespace {

std::expected<void, std::string> write_in_place(const std::string& path, std::string_view text) {
  Fd fd = open_at(AT_FDCWD, path.c_str(), O_WRONLY | O_NOCTTY);
  if (!fd) return std::unexpected(open_problem(path, errno));
  if (auto written = write_all(fd.get(), text); !written) {
    return std::unexpected(errno_text(written.error()));
  }
  if (const int error = fd.close(); error != 0) return std::unexpected(errno_text(error));
  return {};
}

/// A new file, complete when it appears.
std::expected<void, std::string> create_file(const std::string& path, std::string_view text) {
  constexpr mode_t kUsualMode = 0666;
  const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  Fd fd =
      open_at(AT_FDCWD, temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, kUsualMode);
  if (!fd) return std::unexpected(errno_text(errno));
  int error = 0;
  if (auto written = write_all(fd.get(), text); !written) error = written.error();
  if (const int closed = fd.close(); error == 0) error = closed;
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(temporary.c_str());
  return std::unexpected(errno_text(error));
}

}  // namespace

std::expected<void, std::string> write_stdout(std::string_view text) {
  if (auto written = write_all(STDOUT_FILENO, text); !written) {
    return std::unexpected(errno_text(written.error()));
  }
  return {};
}

void write_stderr(std::string_view text) {
  // There is nobody left to tell if this fails.
  [[maybe_unused]] const auto written = write_all(STDERR_FILENO, text);
}

void say(std::string_view message) {
  write_stderr(fmt::format("dagfix: {}\n", printable(message)));
}

std::expected<void, std::string> write_output(const std::string& path, std::string_view text) {
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) {
    if (errno != ENOENT) return std::unexpected(errno_text(errno));
    return create_file(path, text);
  }
  if (S_ISDIR(status.st_mode)) return std::unexpected("is a folder, not a file");
  if (!S_ISREG(status.st_mode)) return write_in_place(path, text);
  const auto old = read_file(path);
  if (!old) return std::unexpected(old.error());
  return write_atomically(path, text, *old);
}

}  // namespace dagfix

#include "cli/posix.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

namespace dagfix {
namespace {

template <typename Call>
auto repeat_if_interrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

}  // namespace

Fd& Fd::operator=(Fd&& other) noexcept {
  if (this != &other) {
    close();
    fd_ = other.release();
  }
  return *this;
}

Fd::~Fd() { close(); }

int Fd::close() {
  if (fd_ < 0) return 0;
  // Linux has closed the descriptor even when a signal interrupts the call.
  const bool failed = ::close(release()) != 0 && errno != EINTR;
  return failed ? errno : 0;
}

Fd open_at(int folder, const char* path, int flags, unsigned mode) {
  return Fd(repeat_if_interrupted([&] { return ::openat(folder, path, flags | O_CLOEXEC, mode); }));
}

std::string errno_text(int error) { return std::generic_category().message(error); }

std::expected<std::string, int> read_all(int fd, std::size_t expected_size, std::size_t most) {
  // One byte more than the size: if it stays empty, the end was reached with a single read.
  std::string bytes(std::min(expected_size, most) + 1, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t count =
        repeat_if_interrupted([&] { return ::read(fd, bytes.data() + size, bytes.size() - size); });
    if (count < 0) return std::unexpected(errno);
    size += static_cast<std::size_t>(count);
    if (size > most) return std::unexpected(EFBIG);
    // A regular file gives less than asked for at its end only.
    if (size < bytes.size()) break;
    bytes.resize(std::min(bytes.size() * 2, most + 1));
  }
  bytes.resize(size);
  return bytes;
}

std::expected<void, int> write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count =
        repeat_if_interrupted([&] { return ::write(fd, bytes.data(), bytes.size()); });
    if (count < 0) return std::unexpected(errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

std::expected<void, int> sync_file(int fd) {
  if (repeat_if_interrupted([&] { return ::fsync(fd); }) != 0) return std::unexpected(errno);
  return {};
}

void sync_folder(const std::string& path) {
  if (const Fd folder = open_at(AT_FDCWD, path.c_str(), O_RDONLY | O_DIRECTORY)) {
    [[maybe_unused]] const auto synced = sync_file(folder.get());
  }
}

std::expected<std::string, int> real_path(const std::string& path) {
  const std::unique_ptr<char, decltype(&std::free)> real(::realpath(path.c_str(), nullptr),
                                                         &std::free);
  if (!real) return std::unexpected(errno);
  return std::string(real.get());
}

std::string join_path(std::string_view folder, std::string_view name) {
  std::string path;
  path.reserve(folder.size() + 1 + name.size());
  path += folder;
  if (!path.empty() && path.back() != '/') path += '/';
  return path += name;
}

std::string parent_folder(std::string_view path) {
  const std::size_t slash = path.find_last_of('/');
  if (slash == std::string_view::npos) return ".";
  return std::string(path.substr(0, std::max<std::size_t>(slash, 1)));
}

}  // namespace dagfix

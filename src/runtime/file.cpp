#include "runtime/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace dagfix::runtime {

namespace {

constexpr std::size_t kPart = std::size_t{1} << 18;

std::string errno_text(int error) { return std::generic_category().message(error); }

class Fd {
 public:
  explicit Fd(int fd) : fd_(fd) {}
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

class Digest {
 public:
  Digest() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
      throw std::bad_alloc();
    }
  }

  void add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) throw std::bad_alloc();
  }

  std::string finish() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    if (EVP_DigestFinal_ex(context_.get(), bytes.data(), &size) != 1) throw std::bad_alloc();
    std::string hex;
    for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", bytes[i]);
    return hex;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::expected<void, std::string> read_parts(const std::string& path,
                                            const std::function<bool(std::string_view)>& take) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (fd.get() < 0) return std::unexpected(errno_text(errno));
  struct stat status = {};
  if (::fstat(fd.get(), &status) != 0) return std::unexpected(errno_text(errno));
  if (!S_ISREG(status.st_mode)) return std::unexpected("is no regular file");
  std::vector<char> part(kPart);
  while (true) {
    const ssize_t count = ::read(fd.get(), part.data(), part.size());
    if (count == 0) return {};
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(errno_text(errno));
    if (!take({part.data(), static_cast<std::size_t>(count)})) return {};
  }
}

std::expected<std::string, std::string> read_whole(const std::string& path, std::uint64_t most) {
  std::string bytes;
  bool fits = true;
  const auto read = read_parts(path, [&](std::string_view part) {
    fits = bytes.size() + part.size() <= most;
    if (fits) bytes += part;
    return fits;
  });
  if (!read) return std::unexpected(read.error());
  if (!fits) return std::unexpected(fmt::format("is larger than {} bytes", most));
  return bytes;
}

std::expected<void, std::string> write_new(const std::string& path, std::string_view bytes) {
  const Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (fd.get() < 0) return std::unexpected(errno_text(errno));
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::unexpected(errno_text(errno));
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  if (::fsync(fd.get()) != 0) return std::unexpected(errno_text(errno));
  return {};
}

std::string sha256(std::string_view bytes) {
  Digest digest;
  digest.add(bytes);
  return digest.finish();
}

std::expected<std::string, std::string> sha256_of_file(const std::string& path) {
  Digest digest;
  const auto read = read_parts(path, [&](std::string_view part) {
    digest.add(part);
    return true;
  });
  if (!read) return std::unexpected(read.error());
  return digest.finish();
}

}  // namespace dagfix::runtime

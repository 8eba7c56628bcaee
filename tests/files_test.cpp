#include "cli/files.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <string>

#include "cli/posix.hpp"
#include "support/catch.hpp"
#include "support/temp_folder.hpp"
#include "text/source_file.hpp"

using namespace dagfix;
using namespace std::string_literals;

namespace {

namespace fs = std::filesystem;

bool is_root() { return ::geteuid() == 0; }

struct stat status_of(const std::string& path) {
  struct stat status = {};
  REQUIRE(::lstat(path.c_str(), &status) == 0);
  return status;
}

mode_t mode_of(const std::string& path) { return status_of(path).st_mode & 07777; }

// Writes beyond `bytes` fail, as on a full disk, while this lives.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit{bytes, old_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_{};
  void (*old_handler_)(int);
};

}  // namespace

TEST_CASE("Files: bytes are read as they are") {
  const TempFolder folder;
  const std::string bytes = "\xef\xbb\xbf\0\r\n\xff no newline"s;
  CHECK(read_file(folder.write("a.py", bytes)) == bytes);
  CHECK(read_file(folder.write("empty.py")).value().empty());
  const std::string large(300000, 'x');
  CHECK(read_file(folder.write("large.py", large)) == large);
}

TEST_CASE("Files: a file whose size the system does not know is read to its end") {
  const auto bytes = read_file("/proc/self/status");
  REQUIRE(bytes.has_value());
  CHECK(bytes->starts_with("Name:"));
  CHECK(bytes->ends_with("\n"));
}

TEST_CASE("Files: what is no file is refused without waiting for it") {
  const TempFolder folder;
  CHECK(read_file(folder.path()).error() == "is a folder, not a file");
  CHECK(read_file("/dev/null").error() == "is a device, not a file");
  REQUIRE(::mkfifo(folder.path("pipe").c_str(), 0600) == 0);
  CHECK(read_file(folder.path("pipe")).error() == "is a named pipe, not a file");
  const Fd socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  REQUIRE(folder.path("socket").size() < sizeof(address.sun_path));
  std::ranges::copy(folder.path("socket"), address.sun_path);
  REQUIRE(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  CHECK(read_file(folder.path("socket")).error() == "is a socket or a device, not a file");
}

TEST_CASE("Files: missing files and bad symbolic links are told apart") {
  const TempFolder folder;
  fs::create_symlink("missing.py", folder.path("dangling.py"));
  fs::create_symlink("loop.py", folder.path("loop.py"));
  CHECK(read_file(folder.path("missing.py")).error() == "no such file or folder");
  CHECK(read_file(folder.path("dangling.py")).error() == "dangling symbolic link");
  CHECK(read_file(folder.path("loop.py")).error() == "symbolic link that leads to itself");
  CHECK(read_file(folder.write("a.py") + "/b").error() == "Not a directory");
  fs::create_symlink("a.py", folder.path("link.py"));
  CHECK(read_file(folder.path("link.py")).has_value());
}

TEST_CASE("Files: a file that is too large is refused") {
  const TempFolder folder;
  const std::string path = folder.write("huge.py");
  fs::resize_file(path, SourceFile::kMaxBytes);
  CHECK(read_file(path).value().size() == SourceFile::kMaxBytes);
  fs::resize_file(path, std::uintmax_t{1} << 40);
  CHECK(read_file(path).error() == "larger than 64 MiB: not a DAG");
}

TEST_CASE("Files: a file without read permission is refused") {
  const TempFolder folder;
  const std::string path = folder.write("secret.py", "x");
  REQUIRE(::chmod(path.c_str(), 0) == 0);
  if (is_root()) {
    WARN("root may read everything: only that is tested");
    CHECK(read_file(path) == "x");
  } else {
    CHECK(read_file(path).error() == "no permission to read it");
  }
}

TEST_CASE("Files: a rewritten file keeps its mode and leaves nothing next to it") {
  const TempFolder folder;
  const std::string path = folder.write("dag.py", "old\r\n");
  for (const mode_t mode : {0644u, 0600u, 0755u, 0666u, 04750u}) {
    REQUIRE(::chmod(path.c_str(), mode) == 0);
    CHECK(write_atomically(path, "new", "old\r\n").has_value());
    CHECK(folder.read("dag.py") == "new");
    CHECK(mode_of(path) == mode);
    CHECK(write_atomically(path, "old\r\n", "new").has_value());
  }
  CHECK(folder.read("dag.py") == "old\r\n");
  CHECK(folder.count() == 1);
}

TEST_CASE("Files: a rewritten file keeps its owner and attributes") {
  const TempFolder folder;
  const std::string path = folder.write("dag.py", "old");
  const bool attributes = ::setxattr(path.c_str(), "user.dagfix", "value", 5, 0) == 0;
  if (!attributes) WARN("no extended attributes here: not tested");
  if (is_root()) {
    REQUIRE(::chown(path.c_str(), 1234, 4321) == 0);
  } else {
    WARN("only root can give files away: not tested");
  }
  const struct stat before = status_of(path);
  REQUIRE(write_atomically(path, "new", "old").has_value());
  CHECK(status_of(path).st_uid == before.st_uid);
  CHECK(status_of(path).st_gid == before.st_gid);
  if (attributes) {
    char value[5] = {};
    CHECK(::getxattr(path.c_str(), "user.dagfix", value, sizeof(value)) == 5);
    CHECK(std::string_view(value, 5) == "value");
  }
}

TEST_CASE("Files: a symbolic link stays one and its target is rewritten") {
  const TempFolder folder;
  folder.write("real/dag.py", "old");
  fs::create_symlink("real/dag.py", folder.path("link.py"));
  fs::create_symlink("link.py", folder.path("link2.py"));
  REQUIRE(write_atomically(folder.path("link2.py"), "new", "old").has_value());
  CHECK(fs::read_symlink(folder.path("link2.py")) == "link.py");
  CHECK(fs::read_symlink(folder.path("link.py")) == "real/dag.py");
  CHECK(fs::is_regular_file(fs::symlink_status(folder.path("real/dag.py"))));
  CHECK(folder.read("real/dag.py") == "new");
  fs::create_symlink("missing", folder.path("dangling.py"));
  CHECK(write_atomically(folder.path("dangling.py"), "new", "old").error() ==
        "dangling symbolic link");
}

TEST_CASE("Files: other hard links keep the old bytes") {
  const TempFolder folder;
  const std::string path = folder.write("dag.py", "old");
  fs::create_hard_link(path, folder.path("other.py"));
  REQUIRE(write_atomically(path, "new", "old").has_value());
  CHECK(folder.read("dag.py") == "new");
  CHECK(folder.read("other.py") == "old");
}

TEST_CASE("Files: a file that was changed meanwhile is not written") {
  const TempFolder folder;
  const std::string path = folder.write("dag.py", "edited");
  CHECK(write_atomically(path, "new", "old").error() ==
        "changed while dagfix was running; nothing was written");
  CHECK(write_atomically(path, "new", "edite").error() ==
        "changed while dagfix was running; nothing was written");
  CHECK(folder.read("dag.py") == "edited");
  fs::remove(path);
  CHECK(write_atomically(path, "new", "edited").error() == "no such file or folder");
  CHECK(folder.count() == 0);
}

TEST_CASE("Files: a read-only file is not written") {
  const TempFolder folder;
  const std::string path = folder.write("dag.py", "old");
  REQUIRE(::chmod(path.c_str(), 0444) == 0);
  CHECK(write_atomically(path, "new", "old").error() == "read-only file; nothing was written");
  CHECK(folder.read("dag.py") == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("Files: a folder in which no file can be created") {
  const TempFolder folder;
  const std::string path = folder.write("locked/dag.py", "old");
  if (is_root()) {
    WARN("root may write everywhere: not tested");
    return;
  }
  REQUIRE(::chmod(folder.path("locked").c_str(), 0555) == 0);
  CHECK(write_atomically(path, "new", "old").error() ==
        "cannot create a file in " + folder.path("locked") +
            ": Permission denied; nothing was written");
  REQUIRE(::chmod(folder.path("locked").c_str(), 0755) == 0);
  CHECK(folder.read("locked/dag.py") == "old");
}

TEST_CASE("Files: a full disk leaves the old file and no temporary one") {
  const TempFolder folder;
  const std::string path = folder.write("dag.py", "old");
  const std::string large(100000, 'n');
  std::string error;
  {
    const FullDisk limit(4096);
    error = write_atomically(path, large, "old").error();
  }
  CHECK(error == "File too large; nothing was written");
  CHECK(folder.read("dag.py") == "old");
  CHECK(folder.count() == 1);
  CHECK(write_atomically(path, large, "old").has_value());
  CHECK(folder.read("dag.py") == large);
}

TEST_CASE("Files: names of any bytes and of full length are written") {
  const TempFolder folder;
  for (const std::string& name :
       {"d\xff\xe4g.py"s, "a b\n'\".py"s, std::string(252, 'n') + ".py"}) {
    const std::string path = folder.write(name, "old");
    CHECK(read_file(path) == "old");
    CHECK(write_atomically(path, "new", "old").has_value());
    CHECK(folder.read(name) == "new");
  }
}

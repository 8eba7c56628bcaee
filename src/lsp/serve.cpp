#include "lsp/serve.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/types.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "lsp/server.hpp"
#include "lsp/transport.hpp"

namespace dagfix::lsp {

namespace {

using Task = std::function<void()>;

/// Tasks that some threads hand to another.
class Inbox {
 public:
  void push(Task task) {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    filled_.notify_one();
  }

  /// Everything that is there; waits until something is, or for the deadline.
  std::deque<Task> take(std::optional<Server::Clock::time_point> deadline) {
    std::unique_lock lock(mutex_);
    const auto has_any = [&] { return !tasks_.empty(); };
    if (deadline) {
      filled_.wait_until(lock, *deadline, has_any);
    } else {
      filled_.wait(lock, has_any);
    }
    return std::exchange(tasks_, {});
  }

 private:
  std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<Task> tasks_;
};

/// Writes all or says that nobody reads any more.
bool write_bytes(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

/// The allocator keeps what was freed, which may be many times what the server needs.
void give_memory_back() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

/// One run of the server with its threads.
class Session {
 public:
  Session(Host& host, int input, int output)
      : input_(input),
        output_(output),
        server_(host, {[this](std::string_view body) { send(body); },
                       [this](std::function<Task()> work) { start(std::move(work)); },
                       [this](Task task) { inbox_.push(std::move(task)); },
                       [this](std::int64_t process) { watch(process); }}) {}

  std::optional<int> run() {
    if (::pipe2(wake_.data(), O_CLOEXEC) != 0) return std::nullopt;
    reader_ = std::jthread([this] { read(); });
    worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
    bool has_work = true;
    while (!server_.has_exited() && !is_alone_ && (has_work || !has_ended_)) {
      has_work = server_.work();
      if (!has_work && has_ended_) break;
      if (!has_work && std::exchange(has_waste_, false)) give_memory_back();
      for (const Task& task : inbox_.take(has_work ? Server::Clock::now() : server_.deadline())) {
        task();
        has_work = true;
      }
    }
    stop();
    return server_.exit_code();
  }

 private:
  /// Ends the threads: what they use is about to go.
  void stop() {
    server_.stop();
    (void)write_bytes(wake_[1], "x");
    worker_.request_stop();
    to_do_.push([] {});
    watcher_.request_stop();
    reader_.join();
    worker_.join();
    if (watcher_.joinable()) watcher_.join();
    for (const int fd : wake_) ::close(fd);
  }

  void send(std::string_view body) {
    if (!write_bytes(output_, framed(body))) is_alone_ = true;
  }

  void start(std::function<Task()> work) {
    to_do_.push([this, work = std::move(work)] {
      inbox_.push([this, then = work()] {
        then();
        has_waste_ = true;
      });
    });
  }

  void work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      for (const Task& task : to_do_.take(std::nullopt)) {
        if (!stop.stop_requested()) task();
      }
    }
  }

  /// Whether there is something to read; false when the server stops.
  bool wait_for_input() const {
    std::array<pollfd, 2> sources{pollfd{input_, POLLIN, 0}, pollfd{wake_[0], POLLIN, 0}};
    while (::poll(sources.data(), sources.size(), -1) < 0) {
      if (errno != EINTR) return false;
    }
    return sources[1].revents == 0;
  }

  void read() {
    MessageReader reader;
    std::vector<char> buffer(kReadBytes);
    while (wait_for_input()) {
      const ssize_t size = ::read(input_, buffer.data(), buffer.size());
      if (size < 0 && errno == EINTR) continue;
      if (size <= 0) break;
      reader.feed({buffer.data(), static_cast<std::size_t>(size)});
      while (auto item = reader.next()) {
        inbox_.push([this, item = *std::move(item)] {
          if (item.problem.empty()) {
            server_.receive(item.body);
          } else {
            server_.receive_problem(item.problem);
          }
        });
      }
    }
    inbox_.push([this] { has_ended_ = true; });
  }

  void watch(std::int64_t process) {
    watcher_ = std::jthread([this, process](const std::stop_token& stop) {
      constexpr std::chrono::seconds kInterval{1};
      std::mutex mutex;
      std::condition_variable_any never;
      const auto sleep = [&](std::chrono::seconds time) {
        std::unique_lock lock(mutex);
        never.wait_for(lock, stop, time, [] { return false; });
      };
      while (::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM) {
        sleep(kInterval);
        if (stop.stop_requested()) return;
      }
      inbox_.push([this] { is_alone_ = true; });
      // If the server is writing to a pipe that nobody reads, it does not get to that.
      sleep(2 * kInterval);
      if (!stop.stop_requested()) std::_Exit(1);
    });
  }

  static constexpr std::size_t kReadBytes = 1u << 16;

  int input_;
  int output_;
  std::array<int, 2> wake_{-1, -1};
  Inbox inbox_;
  Inbox to_do_;
  bool is_alone_ = false;
  bool has_ended_ = false;
  bool has_waste_ = false;  // what looked at many files, or at a huge one, is done
  Server server_;
  std::jthread reader_;
  std::jthread worker_;
  std::jthread watcher_;
};

}  // namespace

int serve(Host& host, int input, int output) {
  std::signal(SIGPIPE, SIG_IGN);
  return Session(host, input, output).run().value_or(1);
}

}  // namespace dagfix::lsp

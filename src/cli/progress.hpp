#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>

namespace dagfix {

/// A line on standard error that says how far a long run is. Short runs show nothing, and the
/// line is gone when the object is.
class Progress {
 public:
  explicit Progress(bool is_terminal) : is_terminal_(is_terminal) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { end(); }

  /// The next phase of the work begins: "reading", with so many steps.
  void begin(std::string_view phase, std::size_t steps);
  /// One step is done. From any thread.
  void step() { ++done_; }
  /// Erases the line.
  void end();

 private:
  void show(const std::stop_token& stop);

  bool is_terminal_;
  std::atomic<std::size_t> done_ = 0;
  std::mutex mutex_;
  std::string_view phase_;  // of static storage
  std::size_t steps_ = 0;
  std::condition_variable_any wake_;
  std::optional<std::jthread> thread_;
};

}  // namespace dagfix

#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "lsp/host.hpp"

namespace dagfix::lsp {

/// A folder of the workspace, or a document outside of all of them, with what is known of it.
struct Folder {
  std::string uri;
  std::string path;                 ///< Absolute.
  std::string real_path;            ///< The same without symbolic links.
  std::optional<std::string> file;  ///< The one document, relative to `path`.
  ClientSettings settings;
  std::shared_ptr<Survey> survey;
  std::optional<std::chrono::steady_clock::time_point> wanted;  ///< When to look again.
  bool only_buffers = false;  ///< The user does not want the other files to be read.
  std::shared_ptr<std::atomic<bool>> running;  ///< True: what runs is to stop. Null: nothing runs.
};

/// Tells how far some work is, once it turns out to take long. Called from any thread.
class Progress {
 public:
  /// Sends begin, report and end as value of $/progress: kind, message, percentage.
  using Send = std::function<void(std::string_view kind, std::string message, int percentage)>;

  using Now = std::function<std::chrono::steady_clock::time_point()>;

  Progress(Send send, Now now) : send_(std::move(send)), now_(std::move(now)) {}
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void begin(std::string_view phase, std::size_t steps);
  void step();

 private:
  /// Work that is done sooner is not worth a line on the screen.
  static constexpr std::chrono::milliseconds kQuiet{300};

  Send send_;
  Now now_;
  std::string phase_;
  std::chrono::steady_clock::time_point started_ = now_();
  std::size_t steps_ = 0;
  std::atomic<std::size_t> done_ = 0;
  std::atomic<bool> is_shown_ = false;
  std::atomic<int> percentage_ = 0;
};

}  // namespace dagfix::lsp

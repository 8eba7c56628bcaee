#include "cli/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "cli/output.hpp"

namespace dagfix {

namespace {

using std::chrono_literals::operator""ms;

constexpr auto kSilence = 500ms;
constexpr auto kInterval = 100ms;

}  // namespace

void Progress::begin(std::string_view phase, std::size_t steps) {
  if (!is_terminal_) return;
  {
    const std::lock_guard lock(mutex_);
    phase_ = phase;
    steps_ = std::max<std::size_t>(steps, 1);
    done_ = 0;
  }
  if (!thread_) thread_.emplace([this](const std::stop_token& stop) { show(stop); });
}

void Progress::end() { thread_.reset(); }

void Progress::show(const std::stop_token& stop) {
  constexpr std::size_t kHundred = 100;
  bool is_shown = false;
  std::unique_lock lock(mutex_);
  auto pause = kSilence;
  while (!wake_.wait_for(lock, stop, pause, [&] { return stop.stop_requested(); })) {
    if (stop.stop_requested()) break;
    write_stderr(fmt::format("\r\x1b[Kdagfix: {} {} %", phase_, done_ * kHundred / steps_));
    is_shown = true;
    pause = kInterval;
  }
  if (is_shown) write_stderr("\r\x1b[K");
}

}  // namespace dagfix

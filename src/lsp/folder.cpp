#include "lsp/folder.hpp"

namespace dagfix::lsp {

Progress::~Progress() {
  if (is_shown_) send_("end", {}, 100);
}

void Progress::begin(std::string_view phase, std::size_t steps) {
  phase_ = phase;
  steps_ = steps;
  done_ = 0;
  percentage_ = 0;
}

void Progress::step() {
  const std::size_t done = ++done_;
  if (now_() - started_ < kQuiet) return;
  if (!is_shown_.exchange(true)) send_("begin", phase_, 0);
  const int now = steps_ == 0 ? 100 : static_cast<int>(done * 100 / steps_);
  int shown = percentage_;
  // Whoever makes it larger tells it.
  while (now > shown) {
    if (percentage_.compare_exchange_weak(shown, now)) return send_("report", phase_, now);
  }
}

}  // namespace dagfix::lsp

#include "rules/prefilter.hpp"

#include <cassert>
#include <queue>

namespace dagfix {

namespace {
constexpr std::uint16_t kFound = 0xffff;
}

Prefilter::Prefilter(std::span<const std::string> words) {
  for (const std::string& word : words) {
    for (const char c : word) {
      std::uint8_t& column = classes_[static_cast<unsigned char>(c)];
      if (column == 0) column = static_cast<std::uint8_t>(columns_++);
    }
  }
  next_.assign(columns_, 0);
  std::vector<bool> found{false};
  for (const std::string& word : words) {
    std::size_t state = 0;
    for (const char c : word) {
      const std::size_t cell = state * columns_ + classes_[static_cast<unsigned char>(c)];
      if (next_[cell] == 0) {
        next_[cell] = static_cast<std::uint16_t>(found.size());
        found.push_back(false);
        next_.resize(next_.size() + columns_, 0);
      }
      state = next_[cell];
    }
    if (!word.empty()) found[state] = true;
  }
  assert(found.size() < kFound);
  // Breadth first: a missing edge is that of the longest proper suffix which is a prefix.
  std::vector<std::uint16_t> suffix(found.size(), 0);
  std::queue<std::size_t> queue;
  for (std::size_t column = 1; column < columns_; ++column) {
    if (next_[column] != 0) queue.push(next_[column]);
  }
  while (!queue.empty()) {
    const std::size_t state = queue.front();
    queue.pop();
    if (found[suffix[state]]) found[state] = true;
    for (std::size_t column = 1; column < columns_; ++column) {
      std::uint16_t& edge = next_[state * columns_ + column];
      const std::uint16_t fallback = next_[suffix[state] * columns_ + column];
      if (edge == 0) {
        edge = fallback;
      } else {
        suffix[edge] = fallback;
        queue.push(edge);
      }
    }
  }
  for (std::uint16_t& edge : next_) {
    if (edge != 0 && found[edge]) edge = kFound;
  }
}

bool Prefilter::matches(std::string_view text) const {
  if (next_.empty()) return false;
  std::size_t state = 0;
  for (const char c : text) {
    state = next_[state * columns_ + classes_[static_cast<unsigned char>(c)]];
    if (state == kFound) return true;
  }
  return false;
}

}  // namespace dagfix

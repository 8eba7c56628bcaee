#include "text/prefilter.hpp"

#include <algorithm>
#include <limits>

namespace dagfix {

namespace {

/// A word ends a block of as many bytes, which is hashed.
constexpr std::size_t kBlock = 3;

}  // namespace

Prefilter::Prefilter(std::span<const std::string> words)
    : words_(words.begin(), words.end()), next_(words.size(), 0) {
  shortest_ = std::numeric_limits<std::uint8_t>::max();
  for (const std::string& word : words_) {
    if (!word.empty()) shortest_ = std::min(shortest_, word.size());
  }
  if (shortest_ < kBlock) return;
  shift_.assign(kShifts, static_cast<std::uint8_t>(shortest_ - kBlock + 1));
  first_.assign(kChains, 0);
  for (std::uint32_t index = 0; index < words_.size(); ++index) {
    const std::string& word = words_[index];
    if (word.empty()) continue;
    for (std::size_t end = kBlock; end <= shortest_; ++end) {
      std::uint8_t& shift = shift_[hash(word.data() + end)];
      shift = std::min(shift, static_cast<std::uint8_t>(shortest_ - end));
    }
    std::uint32_t& first = first_[hash(word.data() + shortest_) % kChains];
    next_[index] = first;
    first = index + 1;
  }
}

template <typename Found>
void Prefilter::search(std::string_view text, const Found& found) const {
  if (shift_.empty()) {
    // Words of one or two letters: nothing can be skipped.
    for (std::uint32_t index = 0; index < words_.size(); ++index) {
      if (!words_[index].empty() && text.contains(words_[index]) && !found(index)) return;
    }
    return;
  }
  for (std::size_t end = shortest_; end <= text.size();) {
    const std::size_t block = hash(text.data() + end);
    if (shift_[block] > 0) {
      end += shift_[block];
      continue;
    }
    const std::string_view rest = text.substr(end - shortest_);
    for (std::uint32_t at = first_[block % kChains]; at != 0; at = next_[at - 1]) {
      if (rest.starts_with(words_[at - 1]) && !found(at - 1)) return;
    }
    ++end;
  }
}

bool Prefilter::matches(std::string_view text) const {
  bool any = false;
  search(text, [&](std::uint32_t) {
    any = true;
    return false;
  });
  return any;
}

std::vector<bool> Prefilter::words_in(std::string_view text) const {
  std::vector<bool> result(words_.size(), false);
  search(text, [&](std::uint32_t index) {
    result[index] = true;
    return true;
  });
  return result;
}

}  // namespace dagfix

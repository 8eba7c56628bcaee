#include "text/prefilter.hpp"

#include <algorithm>
#include <limits>

namespace dagfix {

namespace {

/// The word without its first `size` - 2 bytes begins with the two bytes that are hashed.
constexpr std::size_t kBlock = 2;

}  // namespace

Prefilter::Prefilter(std::span<const std::string> words)
    : words_(words.begin(), words.end()), next_(words.size(), 0) {
  shortest_ = std::numeric_limits<std::uint8_t>::max();
  for (const std::string& word : words_) {
    if (!word.empty()) shortest_ = std::min(shortest_, word.size());
  }
  if (shortest_ < kBlock) return;
  shift_.fill(static_cast<std::uint8_t>(shortest_ - kBlock + 1));
  for (std::uint32_t index = 0; index < words_.size(); ++index) {
    const std::string& word = words_[index];
    if (word.empty()) continue;
    for (std::size_t end = kBlock; end <= shortest_; ++end) {
      std::uint8_t& shift = shift_[hash(word[end - 2], word[end - 1])];
      shift = std::min(shift, static_cast<std::uint8_t>(shortest_ - end));
    }
    std::uint32_t& first = first_[hash(word[shortest_ - 2], word[shortest_ - 1])];
    next_[index] = first;
    first = index + 1;
  }
}

template <typename Found>
void Prefilter::search(std::string_view text, const Found& found) const {
  if (shortest_ < kBlock) {
    // Words of one letter: nothing can be skipped.
    for (std::uint32_t index = 0; index < words_.size(); ++index) {
      if (!words_[index].empty() && text.contains(words_[index]) && !found(index)) return;
    }
    return;
  }
  for (std::size_t end = shortest_; end <= text.size();) {
    const std::size_t block = hash(text[end - 2], text[end - 1]);
    if (shift_[block] > 0) {
      end += shift_[block];
      continue;
    }
    const std::string_view rest = text.substr(end - shortest_);
    for (std::uint32_t at = first_[block]; at != 0; at = next_[at - 1]) {
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

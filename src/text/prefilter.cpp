#include "text/prefilter.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace dagfix {

namespace {

constexpr std::size_t kBlock = 4;      // bytes that are hashed
constexpr std::size_t kWindows = 8;    // tested at once
constexpr unsigned kMarkBits = 14;     // a table that stays in the processor's cache
constexpr std::size_t kChains = 1024;  // of words

std::uint32_t hash(const char* block) {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, block, kBlock);
  return (bytes * 0x9E3779B1u) >> (32 - kMarkBits);
}

}  // namespace

Prefilter::Prefilter(std::span<const std::string> words)
    : words_(words.begin(), words.end()), next_(words.size(), 0) {
  shortest_ = std::numeric_limits<std::size_t>::max();
  for (const std::string& word : words_) {
    if (!word.empty()) shortest_ = std::min(shortest_, word.size());
  }
  if (shortest_ < kBlock) return;
  marks_.assign(1u << kMarkBits, 0);
  first_.assign(kChains, 0);
  for (std::uint32_t index = 0; index < words_.size(); ++index) {
    const std::string& word = words_[index];
    if (word.empty()) continue;
    const std::uint32_t block = hash(word.data() + shortest_ - kBlock);
    marks_[block] = 1;
    next_[index] = std::exchange(first_[block % kChains], index + 1);
  }
}

template <typename Found>
void Prefilter::search(std::string_view text, const Found& found) const {
  if (marks_.empty()) {
    for (std::uint32_t index = 0; index < words_.size(); ++index) {
      if (!words_[index].empty() && text.contains(words_[index]) && !found(index)) return;
    }
    return;
  }
  if (text.size() < shortest_) return;
  const char* const blocks = text.data() + shortest_ - kBlock;
  const std::size_t end = text.size() - shortest_ + 1;  // of the windows' first bytes
  for (std::size_t begin = 0; begin < end;) {
    const std::size_t stop = std::min(begin + kWindows, end);
    if (stop == begin + kWindows) {
      std::uint8_t any = 0;
      for (std::size_t i = 0; i < kWindows; ++i) any |= marks_[hash(blocks + begin + i)];
      if (any == 0) {
        begin = stop;
        continue;
      }
    }
    for (; begin < stop; ++begin) {
      const std::uint32_t block = hash(blocks + begin);
      if (marks_[block] == 0) continue;
      const std::string_view rest = text.substr(begin);
      for (std::uint32_t at = first_[block % kChains]; at != 0; at = next_[at - 1]) {
        if (rest.starts_with(words_[at - 1]) && !found(at - 1)) return;
      }
    }
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

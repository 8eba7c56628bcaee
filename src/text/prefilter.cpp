#include "text/prefilter.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace dagfix {

namespace {

constexpr std::size_t kBlock = 4;      // bytes that are hashed
constexpr std::size_t kBlocks = 8;     // tested at once
constexpr unsigned kMarkBits = 14;     // a table that stays in the processor's cache
constexpr std::size_t kChains = 1024;  // of words

std::uint32_t hash(const char* block) {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, block, kBlock);
  return (bytes * 0x9E3779B1u) >> (32 - kMarkBits);
}

/// How often a byte comes in programs, roughly.
int commonness(char c) {
  if (c == ' ') return 4;
  if (std::string_view("acdeilmnoprstu").contains(c)) return 3;
  return c >= 'a' && c <= 'z' ? 2 : 1;
}

/// The block of a word that other texts have least.
std::size_t rarest_block(std::string_view word) {
  std::size_t best = 0;
  int best_sum = std::numeric_limits<int>::max();
  for (std::size_t at = 0; at + kBlock <= word.size(); ++at) {
    int sum = 0;
    for (const char c : word.substr(at, kBlock)) sum += commonness(c);
    if (sum < best_sum) best = at;
    best_sum = std::min(sum, best_sum);
  }
  return best;
}

}  // namespace

Prefilter::Prefilter(std::span<const std::string> words)
    : words_(words.begin(), words.end()), offsets_(words.size(), 0), next_(words.size(), 0) {
  const auto is_short = [](const std::string& word) {
    return !word.empty() && word.size() < kBlock;
  };
  if (std::ranges::any_of(words_, is_short)) return;
  marks_.assign(1u << kMarkBits, 0);
  first_.assign(kChains, 0);
  for (std::uint32_t index = 0; index < words_.size(); ++index) {
    const std::string& word = words_[index];
    if (word.empty()) continue;
    offsets_[index] = rarest_block(word);
    const std::uint32_t block = hash(word.data() + offsets_[index]);
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
  if (text.size() < kBlock) return;
  const char* const blocks = text.data();
  const std::size_t end = text.size() - kBlock + 1;
  for (std::size_t begin = 0; begin < end;) {
    const std::size_t stop = std::min(begin + kBlocks, end);
    if (stop == begin + kBlocks) {
      std::uint8_t any = 0;
      for (std::size_t i = 0; i < kBlocks; ++i) any |= marks_[hash(blocks + begin + i)];
      if (any == 0) {
        begin = stop;
        continue;
      }
    }
    for (; begin < stop; ++begin) {
      const std::uint32_t block = hash(blocks + begin);
      if (marks_[block] == 0) continue;
      for (std::uint32_t at = first_[block % kChains]; at != 0; at = next_[at - 1]) {
        const std::size_t offset = offsets_[at - 1];
        const bool is_there =
            begin >= offset && text.substr(begin - offset).starts_with(words_[at - 1]);
        if (is_there && !found(at - 1)) return;
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

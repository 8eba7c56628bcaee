#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dagfix {

/// Finds which of some words occur in a text, in one pass that skips most of it (Wu and Manber).
class Prefilter {
 public:
  Prefilter() = default;
  explicit Prefilter(std::span<const std::string> words);

  /// Whether any word occurs anywhere in the text.
  bool matches(std::string_view text) const;
  /// For each word whether it occurs.
  std::vector<bool> words_in(std::string_view text) const;

 private:
  template <typename Found>
  void search(std::string_view text, const Found& found) const;

  // A window of `shortest_` bytes slides over the text. Its last three bytes say how far it can
  // move on, or which words to compare: `next_` chains the words that have these bytes there.
  static constexpr std::size_t kShifts = 1u << 14;  // a table that stays in the processor's cache
  static constexpr std::size_t kChains = 1u << 10;
  static std::size_t hash(const char* end) {
    const auto byte = [&](int back) { return std::size_t{static_cast<unsigned char>(end[-back])}; };
    return (byte(3) << 9 ^ byte(2) << 5 ^ byte(1)) % kShifts;
  }

  std::vector<std::string> words_;
  std::vector<std::uint32_t> next_;  // by word: the next one of the chain plus 1, or 0
  std::size_t shortest_ = 0;
  std::vector<std::uint8_t> shift_;   // by hash; empty if nothing can be skipped
  std::vector<std::uint32_t> first_;  // by hash: the chain's first word plus 1, or 0
};

}  // namespace dagfix

#pragma once

#include <array>
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

  // A window of `shortest_` bytes slides over the text. Its last two bytes say how far it can move
  // on, or which words to compare: `next_` chains the words that have these bytes there.
  static constexpr std::size_t kHashes = 4096;
  static std::size_t hash(char a, char b) {
    return (static_cast<unsigned char>(a) * 16u + static_cast<unsigned char>(b)) % kHashes;
  }

  std::vector<std::string> words_;
  std::vector<std::uint32_t> next_;  // by word: the next one of the chain plus 1, or 0
  std::size_t shortest_ = 0;
  std::array<std::uint8_t, kHashes> shift_{};
  std::array<std::uint32_t, kHashes> first_{};  // by hash: the chain's first word plus 1, or 0
};

}  // namespace dagfix

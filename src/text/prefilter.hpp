#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dagfix {

/// Finds which of some words occur in a text, in one pass.
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

  // Each word is looked for by four of its bytes, which other texts have as little as possible.
  // The hash of four bytes of the text says whether words have these: `next_` chains them. Eight
  // places are tested at once. Their loads do not wait for each other, as they would if the search
  // skipped what it can.
  std::vector<std::string> words_;
  std::vector<std::size_t> offsets_;  // by word: of its four bytes
  std::vector<std::uint32_t> next_;   // by word: the next one of the chain plus 1, or 0
  std::vector<std::uint8_t> marks_;   // by hash: whether any word has it; empty if words are short
  std::vector<std::uint32_t> first_;  // by part of the hash: the chain's first word plus 1, or 0
};

}  // namespace dagfix

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dagfix {

/// Finds whether a text has any of some words, in one pass (Aho-Corasick as a table).
class Prefilter {
 public:
  Prefilter() = default;
  explicit Prefilter(std::span<const std::string> words);

  /// Whether any word occurs anywhere in the text.
  bool matches(std::string_view text) const;

 private:
  std::array<std::uint8_t, 256> classes_{};  // byte -> column; 0: in no word
  std::size_t columns_ = 1;
  std::vector<std::uint16_t> next_;  // state * columns_ + column -> state; kFound when a word ends
};

}  // namespace dagfix

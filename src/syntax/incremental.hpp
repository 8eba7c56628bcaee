#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "syntax/tree.hpp"

namespace dagfix {

/// One place where two texts differ: [begin, old_end) of the one is [begin, new_end) of the other.
struct TextDifference {
  std::uint32_t begin = 0;
  std::uint32_t old_end = 0;
  std::uint32_t new_end = 0;
};

/// Parses one text again and again while it is edited, and reads anew only what changed. The tree
/// is the one that SyntaxTree::parse() makes, but for text with syntax errors: what is taken for
/// the wrong part may differ then.
class IncrementalParser {
 public:
  IncrementalParser();
  ~IncrementalParser();
  IncrementalParser(IncrementalParser&& other) noexcept;
  IncrementalParser& operator=(IncrementalParser&& other) noexcept;

  /// Keeps a copy of the text, and the tree a view of the argument, as SyntaxTree::parse() does.
  SyntaxTree parse(std::string_view text);

  /// The same, or nothing if it takes more than so much time of the processor. Only where an edit
  /// opens a bracket or a string is there that much to read anew.
  std::optional<SyntaxTree> parse_within(std::string_view text, std::chrono::microseconds most);

  /// How the last two texts differ, whether they were parsed in time or not.
  TextDifference difference() const;

  /// Whether a text was parsed since the beginning or the last reset().
  bool has_text() const;

  /// Forgets the last text: the next parse starts anew.
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace dagfix

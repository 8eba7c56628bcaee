#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "syntax/lean_tables.hpp"

namespace dagfix {

/// What the grammar's scanner knows besides the text: levels of indentation, open strings. As its
/// own function writes it.
using ScannerState = std::string;

struct LeanToken {
  TSSymbol symbol = 0;
  TSStateId state = 0;  // in which it was read
  bool external = false;
  bool keyword = false;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

/// Reads tokens as tree-sitter does: the grammar's scanner first, then its table of characters,
/// then the one of keywords.
class LeanLexer {
 public:
  LeanLexer(const LeanTables& tables, std::string_view text);
  ~LeanLexer();
  LeanLexer(const LeanLexer&) = delete;
  LeanLexer& operator=(const LeanLexer&) = delete;

  /// The token at an offset for a state of the parser. False: none, or tree-sitter has to say.
  bool read(std::uint32_t offset, TSStateId state, LeanToken& token);

  /// Whether a keyword that cannot be here is a name instead.
  bool is_word_in(TSStateId state, const LeanToken& token) const;

  /// The scanner's state after the last token of its own, and the one before.
  const ScannerState& state() const { return now_; }
  const ScannerState& state_before() const { return before_; }
  void set_state(const ScannerState& state);

 private:
  bool read(std::uint32_t offset, TSLexerMode mode, LeanToken& token);
  bool read_external(TSLexerMode mode, LeanToken& token);
  bool read_internal(TSLexerMode mode, LeanToken& token);
  void read_keyword(LeanToken& token);
  void note_state();
  void start(std::uint32_t offset);
  void finish(LeanToken& token);

  LeanChars chars_{};
  const std::uint8_t* text_;
  const LeanTables& tables_;
  void* scanner_;
  bool is_lost_ = false;  // there was no token for the state
  ScannerState now_;
  ScannerState before_;
};

}  // namespace dagfix

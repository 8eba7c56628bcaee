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
  static void advance(TSLexer* data, bool skip);
  static void mark_end(TSLexer* data);
  static std::uint32_t get_column(TSLexer* data);
  static bool is_at_range_start(const TSLexer* data);
  static bool is_at_end(const TSLexer* data);
  static void log(const TSLexer* data, const char* format, ...);

  bool read(std::uint32_t offset, TSLexerMode mode, LeanToken& token);
  bool read_external(TSLexerMode mode, LeanToken& token);
  bool read_internal(TSLexerMode mode, LeanToken& token);
  void read_keyword(LeanToken& token);
  void note_state();
  void start(std::uint32_t offset);
  void finish();
  void look();
  void decode();

  TSLexer functions_{};  // has to be the first member: the grammar's functions get a pointer to it
  const std::uint8_t* text_;
  std::uint32_t size_;
  std::uint32_t at_ = 0;
  std::uint32_t width_ = 0;  // of the character there, in bytes
  std::uint32_t token_begin_ = 0;
  std::uint32_t token_end_ = 0;
  bool marked_ = false;
  bool is_lost_ = false;         // there was no token for the state
  bool asked_for_more_ = false;  // the grammar called what is not offered here
  const LeanTables& tables_;
  void* scanner_;
  ScannerState now_;
  ScannerState before_;
};

}  // namespace dagfix

// The grammar's functions for tokens, and its scanner, once more, with steps from character to character that are
// inlined and do nothing but that: they are half of the work of a lean parse.
#include "syntax/lean_chars.h"

#include "unicode.h"

void lean_decode(LeanChars* chars) {
  chars->width = 1;
  chars->functions.lookahead = 0;
  if (chars->at == chars->end) return;
  const uint32_t left = (uint32_t)(chars->end - chars->at);
  chars->width = ts_decode_utf8(chars->at, left, &chars->functions.lookahead);
  if (chars->functions.lookahead == TS_DECODE_ERROR) chars->width = 1;
}

// Sets are sorted: ASCII is at the beginning.
static inline bool lean_set_contains(const TSCharacterRange* ranges, uint32_t count, int32_t c) {
  if (c >= 0x80) return set_contains(ranges, count, c);
  for (; count > 0 && ranges->start <= c; ++ranges, --count) {
    if (c <= ranges->end) return true;
  }
  return false;
}
#define set_contains lean_set_contains

#undef START_LEXER
#define START_LEXER()                               \
  LeanChars* const chars = (LeanChars*)lexer;       \
  bool result = false;                              \
  bool skip = false;                                \
  bool eof = false;                                 \
  int32_t lookahead;                                \
  goto start;                                       \
  next_state:                                       \
  lean_advance(chars, skip);                        \
  start:                                            \
  skip = false;                                     \
  lookahead = chars->functions.lookahead;

#undef ACCEPT_TOKEN
#define ACCEPT_TOKEN(symbol_value)                  \
  result = true;                                    \
  chars->functions.result_symbol = symbol_value;    \
  lean_mark_end(chars);

// `lexer->eof(lexer)`, without a call.
#define eof(lexer) lookahead == 0 && ((LeanChars*)(lexer))->at == ((LeanChars*)(lexer))->end

// The rest of the grammar is not wanted twice: what is static and has no use is left out.
#define __attribute__(list) static
#include DAGFIX_GRAMMAR_SOURCE
#undef __attribute__

// The scanner has functions of one argument that are called like the members: `advance(lexer)`.
#define LEAN_THIRD(first, second, third, ...) third
#define advance(...) LEAN_THIRD(__VA_ARGS__, lean_advance_member, lean_advance_one)(__VA_ARGS__)
#define lean_advance_member(lexer, skip) result_symbol, lean_advance((LeanChars*)(lexer), skip)
#define mark_end(lexer) result_symbol, lean_mark_end((LeanChars*)(lexer))
#define tree_sitter_python_external_scanner_create lean_scanner_create
#define tree_sitter_python_external_scanner_destroy lean_scanner_destroy
#define tree_sitter_python_external_scanner_scan lean_scanner_scan
#define tree_sitter_python_external_scanner_serialize lean_scanner_serialize
#define tree_sitter_python_external_scanner_deserialize lean_scanner_deserialize
#include DAGFIX_SCANNER_SOURCE

bool lean_lex(LeanChars* chars, TSStateId state) { return ts_lex(&chars->functions, state); }

bool lean_lex_keyword(LeanChars* chars) { return ts_lex_keywords(&chars->functions, 0); }

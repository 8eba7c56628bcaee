#ifndef DAGFIX_SYNTAX_LEAN_CHARS_H
#define DAGFIX_SYNTAX_LEAN_CHARS_H

#include <stdbool.h>
#include <stdint.h>
#include <tree_sitter/api.h>

#include "parser.h"

/// A text as the grammar's functions read it: C, because they are compiled together with it.
typedef struct LeanChars {
  TSLexer functions;  // has to be the first member: the grammar gets a pointer to it
  const uint8_t* at;
  const uint8_t* end;
  uint32_t width;  // of the character there, in bytes
  bool marked;
  const uint8_t* token_begin;
  const uint8_t* token_end;
} LeanChars;

#ifdef __cplusplus
extern "C" {
#endif

/// Reads the character that is no ASCII, or the end of the text.
void lean_decode(LeanChars* chars);
/// The grammar's functions for tokens and for keywords.
bool lean_lex(LeanChars* chars, TSStateId state);
bool lean_lex_keyword(LeanChars* chars);
/// The grammar's scanner.
void* lean_scanner_create(void);
void lean_scanner_destroy(void* scanner);
bool lean_scanner_scan(void* scanner, TSLexer* lexer, const bool* valid_symbols);
unsigned lean_scanner_serialize(void* scanner, char* buffer);
void lean_scanner_deserialize(void* scanner, const char* buffer, unsigned length);

#ifdef __cplusplus
}
#endif

static inline void lean_look(LeanChars* chars) {
  if (chars->at != chars->end && *chars->at < 0x80) {
    chars->functions.lookahead = *chars->at;
    chars->width = 1;
  } else {
    lean_decode(chars);
  }
}

static inline void lean_advance(LeanChars* chars, bool skip) {
  if (chars->at == chars->end) return;
  chars->at += chars->width;
  if (skip) chars->token_begin = chars->at;
  lean_look(chars);
}

static inline void lean_mark_end(LeanChars* chars) {
  chars->token_end = chars->at;
  chars->marked = true;
}

#endif  // DAGFIX_SYNTAX_LEAN_CHARS_H

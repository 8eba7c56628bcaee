#include <tree_sitter/api.h>

#include <mutex>

extern "C" {
#include "language.h"
#include "lexer.h"
}

#include "syntax/builder.hpp"
#include "syntax/lean_tables.hpp"

namespace dagfix {

namespace {

/// The grammar with all of its parse table where the parser has lists for most states, which it
/// searches for every token.
const TSLanguage& dense_language() {
  static const TSLanguage language = [] {
    const LeanTables& tables = LeanTables::python();
    TSLanguage dense = tables.language();
    dense.parse_table = tables.table();
    dense.large_state_count = dense.state_count;
    return dense;
  }();
  return language;
}

/// The parser's own functions, for any text.
void (*advance_by_any)(TSLexer*, bool) = nullptr;
void (*mark_end_by_any)(TSLexer*) = nullptr;
std::once_flag originals_are_known;

/// Moves from one ASCII character to the next one of the same chunk.
void advance(TSLexer* data, bool skip) {
  auto* const lexer = reinterpret_cast<Lexer*>(data);
  const uint32_t next = lexer->current_position.bytes + 1;
  const uint32_t in_chunk = next - lexer->chunk_start;
  const bool is_usual = lexer->chunk != nullptr && lexer->lookahead_size == 1 &&
                        in_chunk < lexer->chunk_size && lexer->included_range_count == 1 &&
                        next < lexer->included_ranges->end_byte && lexer->logger.log == nullptr;
  const auto byte = is_usual ? static_cast<uint8_t>(lexer->chunk[in_chunk]) : uint8_t{0x80};
  if (byte >= 0x80) return advance_by_any(data, skip);
  if (lexer->data.lookahead == '\n') {
    ++lexer->current_position.extent.row;
    lexer->current_position.extent.column = 0;
    lexer->column_data = {0, true};
  } else {
    ++lexer->current_position.extent.column;
    if (lexer->column_data.valid) ++lexer->column_data.value;
  }
  lexer->current_position.bytes = next;
  if (skip) lexer->token_start_position = lexer->current_position;
  lexer->data.lookahead = byte;
}

void mark_end(TSLexer* data) {
  auto* const lexer = reinterpret_cast<Lexer*>(data);
  // With one range there is no gap before the current position.
  if (lexer->included_range_count != 1) return mark_end_by_any(data);
  lexer->token_end_position = lexer->current_position;
}

}  // namespace

ParserPtr make_fast_parser() {
  ParserPtr parser(ts_parser_new());
  ts_parser_set_language(parser.get(), &dense_language());
  // The lexer is the parser's first member.
  auto* const lexer = reinterpret_cast<Lexer*>(parser.get());
  std::call_once(originals_are_known, [&] {
    advance_by_any = lexer->data.advance;
    mark_end_by_any = lexer->data.mark_end;
  });
  lexer->data.advance = advance;
  lexer->data.mark_end = mark_end;
  return parser;
}

}  // namespace dagfix

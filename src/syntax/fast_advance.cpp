#include <tree_sitter/api.h>

extern "C" {
#include "lexer.h"
}

#include "syntax/builder.hpp"

namespace dagfix {

namespace {

void (*advance_by_any)(TSLexer*, bool) = nullptr;

/// What the parser's own function does, for the usual case: from one ASCII character to the next
/// one of the same chunk.
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

}  // namespace

void use_fast_advance(TSParser* parser) {
  // The lexer is the parser's first member.
  auto* const lexer = reinterpret_cast<Lexer*>(parser);
  static const bool is_known = [&] {
    advance_by_any = lexer->data.advance;
    return true;
  }();
  (void)is_known;
  lexer->data.advance = advance;
}

}  // namespace dagfix

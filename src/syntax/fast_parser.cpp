#include <tree_sitter/api.h>

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <vector>

extern "C" {
#include "language.h"
#include "lexer.h"
}

#include "syntax/builder.hpp"

extern "C" const TSLanguage* tree_sitter_python(void);

namespace dagfix {

namespace {

/// The grammar with all of its parse table as the parser has a part of it: by state and symbol. The
/// rest are lists that the parser searches for every token.
class DenseLanguage {
 public:
  explicit DenseLanguage(const TSLanguage& sparse)
      : language_(sparse), table_(std::size_t{sparse.state_count} * sparse.symbol_count) {
    const std::size_t width = sparse.symbol_count;
    const std::size_t large = sparse.large_state_count;
    std::copy_n(sparse.parse_table, large * width, table_.begin());
    for (std::size_t state = large; state < sparse.state_count; ++state) {
      uint16_t* const row = table_.data() + state * width;
      const uint16_t* data = sparse.small_parse_table + sparse.small_parse_table_map[state - large];
      for (uint16_t groups = *data++; groups > 0; --groups) {
        const uint16_t value = *data++;
        for (uint16_t symbols = *data++; symbols > 0; --symbols) row[*data++] = value;
      }
    }
    language_.parse_table = table_.data();
    language_.large_state_count = sparse.state_count;
  }

  const TSLanguage* get() const { return &language_; }

 private:
  TSLanguage language_;
  std::vector<uint16_t> table_;
};

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
  static const DenseLanguage language(*tree_sitter_python());
  ParserPtr parser(ts_parser_new());
  ts_parser_set_language(parser.get(), language.get());
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

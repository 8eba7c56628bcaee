#include "syntax/lean_lexer.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace dagfix {

namespace {

constexpr std::int32_t kByteOrderMark = 0xfeff;
constexpr TSStateId kErrorState = 0;
/// What is longer than this the scanner may not be able to write.
constexpr std::size_t kLongestState = 250;

}  // namespace

LeanLexer::LeanLexer(const LeanTables& tables, std::string_view text)
    : text_(reinterpret_cast<const std::uint8_t*>(text.data())),
      tables_(tables),
      scanner_(lean_scanner_create()) {
  chars_.end = text_ + text.size();
}

LeanLexer::~LeanLexer() { lean_scanner_destroy(scanner_); }

void LeanLexer::start(std::uint32_t offset) {
  chars_.at = text_ + offset;
  chars_.token_begin = chars_.at;
  chars_.marked = false;
  chars_.functions.result_symbol = 0;
  lean_look(&chars_);
  if (offset == 0 && chars_.functions.lookahead == kByteOrderMark) lean_advance(&chars_, true);
}

void LeanLexer::finish(LeanToken& token) {
  const std::uint8_t* const end = chars_.marked ? chars_.token_end : chars_.at;
  token.end = static_cast<std::uint32_t>(end - text_);
  token.begin = std::min(static_cast<std::uint32_t>(chars_.token_begin - text_), token.end);
}

void LeanLexer::note_state() {
  std::array<char, TREE_SITTER_SERIALIZATION_BUFFER_SIZE> bytes;
  const unsigned size = lean_scanner_serialize(scanner_, bytes.data());
  std::swap(now_, before_);
  now_.assign(bytes.data(), size);
}

void LeanLexer::set_state(const ScannerState& state) {
  now_ = state;
  lean_scanner_deserialize(scanner_, state.data(), static_cast<unsigned>(state.size()));
}

bool LeanLexer::is_word_in(TSStateId state, const LeanToken& token) const {
  const TSSymbol word = tables_.language().keyword_capture_token;
  const std::uint16_t word_set = tables_.language().lex_modes[state].reserved_word_set_id;
  return token.keyword && token.symbol != word && !tables_.reserves(word_set, token.symbol) &&
         tables_.actions(state, word)->entry.count > 0;
}

bool LeanLexer::read(std::uint32_t offset, TSStateId state, LeanToken& token) {
  token.state = state;
  token.keyword = false;
  const TSLexerMode* const modes = tables_.language().lex_modes;
  if (read(offset, modes[state], token)) return now_.size() <= kLongestState;
  // As tree-sitter does: what is no token of this state may still be one.
  is_lost_ = true;
  const bool is_found = read(offset, modes[kErrorState], token);
  is_lost_ = false;
  return is_found && now_.size() <= kLongestState;
}

bool LeanLexer::read(std::uint32_t offset, TSLexerMode mode, LeanToken& token) {
  start(offset);
  // A scanner that finds nothing leaves its state as it is.
  if (mode.external_lex_state != 0) {
    if (read_external(mode, token)) return true;
    start(offset);
  }
  return read_internal(mode, token);
}

bool LeanLexer::read_external(TSLexerMode mode, LeanToken& token) {
  const TSLanguage& language = tables_.language();
  const auto& scanner = language.external_scanner;
  const auto offset = static_cast<std::uint32_t>(chars_.at - text_);
  const bool* const valid =
      scanner.states + std::size_t{mode.external_lex_state} * language.external_token_count;
  if (!lean_scanner_scan(scanner_, &chars_.functions, valid)) return false;
  finish(token);
  note_state();
  token.symbol = scanner.symbol_map[chars_.functions.result_symbol];
  token.external = true;
  // tree-sitter ignores an empty extra that changes nothing: it would be found again for ever.
  if (token.end > offset || now_ != before_) return true;
  return !is_lost_ && tables_.next(token.state, token.symbol) != token.state;
}

bool LeanLexer::read_internal(TSLexerMode mode, LeanToken& token) {
  if (!lean_lex(&chars_, mode.lex_state)) return false;
  finish(token);
  token.symbol = chars_.functions.result_symbol;
  token.external = false;
  if (token.symbol == tables_.language().keyword_capture_token) read_keyword(token);
  return true;
}

void LeanLexer::read_keyword(LeanToken& token) {
  const std::uint8_t* const begin = text_ + token.begin;
  const std::uint8_t* const end = text_ + token.end;
  if (end - begin > 1 && !tables_.may_be_keyword(begin[0], begin[1])) return;
  start(token.begin);
  if (!lean_lex_keyword(&chars_) || chars_.token_end != end) return;
  token.keyword = true;
  const TSSymbol keyword = chars_.functions.result_symbol;
  const std::uint16_t word_set = tables_.language().lex_modes[token.state].reserved_word_set_id;
  if (tables_.at(token.state, keyword) != 0 || tables_.reserves(word_set, keyword)) {
    token.symbol = keyword;
  }
}

}  // namespace dagfix

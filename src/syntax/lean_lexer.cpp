#include "syntax/lean_lexer.hpp"

#include <array>
#include <cstddef>
#include <utility>

extern "C" {
#include "unicode.h"
}

namespace dagfix {

namespace {

constexpr std::int32_t kByteOrderMark = 0xfeff;
constexpr TSStateId kErrorState = 0;
constexpr std::uint16_t kNoLexState = 0xffff;
/// What is longer than this the scanner may not be able to write.
constexpr std::size_t kLongestState = 250;

LeanLexer& self_of(TSLexer* data) { return *reinterpret_cast<LeanLexer*>(data); }

}  // namespace

LeanLexer::LeanLexer(const LeanTables& tables, std::string_view text)
    : text_(reinterpret_cast<const std::uint8_t*>(text.data())),
      size_(static_cast<std::uint32_t>(text.size())),
      tables_(tables),
      scanner_(tables.language().external_scanner.create()) {
  functions_.advance = advance;
  functions_.mark_end = mark_end;
  functions_.get_column = get_column;
  functions_.is_at_included_range_start = is_at_range_start;
  functions_.eof = is_at_end;
  functions_.log = log;
}

LeanLexer::~LeanLexer() { tables_.language().external_scanner.destroy(scanner_); }

void LeanLexer::advance(TSLexer* data, bool skip) {
  LeanLexer& self = self_of(data);
  if (self.at_ == self.size_) return;
  self.at_ += self.width_;
  if (skip) self.token_begin_ = self.at_;
  self.look();
}

void LeanLexer::mark_end(TSLexer* data) {
  LeanLexer& self = self_of(data);
  self.token_end_ = self.at_;
  self.marked_ = true;
}

std::uint32_t LeanLexer::get_column(TSLexer* data) {
  self_of(data).asked_for_more_ = true;
  return 0;
}

bool LeanLexer::is_at_range_start(const TSLexer* data) {
  self_of(const_cast<TSLexer*>(data)).asked_for_more_ = true;
  return false;
}

bool LeanLexer::is_at_end(const TSLexer* data) {
  const LeanLexer& self = self_of(const_cast<TSLexer*>(data));
  return self.at_ == self.size_;
}

void LeanLexer::log(const TSLexer*, const char*, ...) {}

inline void LeanLexer::look() {
  if (at_ < size_ && text_[at_] < 0x80) {
    functions_.lookahead = text_[at_];
    width_ = 1;
  } else {
    decode();
  }
}

void LeanLexer::decode() {
  width_ = 1;
  functions_.lookahead = 0;
  if (at_ == size_) return;
  width_ = ts_decode_utf8(text_ + at_, size_ - at_, &functions_.lookahead);
  if (functions_.lookahead == TS_DECODE_ERROR) width_ = 1;
}

void LeanLexer::start(std::uint32_t offset) {
  at_ = offset;
  token_begin_ = offset;
  marked_ = false;
  functions_.result_symbol = 0;
  look();
  if (offset == 0 && functions_.lookahead == kByteOrderMark) advance(&functions_, true);
}

void LeanLexer::finish() {
  if (!marked_) token_end_ = at_;
  if (token_end_ < token_begin_) token_begin_ = token_end_;
}

void LeanLexer::note_state() {
  std::array<char, TREE_SITTER_SERIALIZATION_BUFFER_SIZE> bytes;
  const unsigned size = tables_.language().external_scanner.serialize(scanner_, bytes.data());
  std::swap(now_, before_);
  now_.assign(bytes.data(), size);
}

void LeanLexer::set_state(const ScannerState& state) {
  now_ = state;
  tables_.language().external_scanner.deserialize(scanner_, state.data(),
                                                  static_cast<unsigned>(state.size()));
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
  if (read(offset, modes[state], token)) return !asked_for_more_;
  // As tree-sitter does: what is no token of this state may still be one.
  is_lost_ = true;
  const bool is_found = read(offset, modes[kErrorState], token);
  is_lost_ = false;
  return is_found && !asked_for_more_;
}

bool LeanLexer::read(std::uint32_t offset, TSLexerMode mode, LeanToken& token) {
  if (mode.lex_state == kNoLexState) asked_for_more_ = true;
  start(offset);
  // A scanner that finds nothing leaves its state as it is.
  if (mode.external_lex_state != 0) {
    if (read_external(mode, token)) return true;
    start(offset);
  }
  return read_internal(mode, token);
}

bool LeanLexer::read_external(TSLexerMode mode, LeanToken& token) {
  const auto& scanner = tables_.language().external_scanner;
  const std::uint32_t offset = at_;
  const bool* const valid = scanner.states + std::size_t{mode.external_lex_state} *
                                                 tables_.language().external_token_count;
  if (!scanner.scan(scanner_, &functions_, valid)) return false;
  finish();
  note_state();
  if (now_.size() > kLongestState) asked_for_more_ = true;
  const TSSymbol symbol = scanner.symbol_map[functions_.result_symbol];
  // tree-sitter ignores an empty extra that changes nothing: it would be found again for ever.
  const bool is_empty = token_end_ <= offset && now_ == before_;
  if (is_empty && (is_lost_ || tables_.next(token.state, symbol) == token.state)) return false;
  token.symbol = symbol;
  token.external = true;
  token.begin = token_begin_;
  token.end = token_end_;
  return true;
}

bool LeanLexer::read_internal(TSLexerMode mode, LeanToken& token) {
  if (!tables_.language().lex_fn(&functions_, mode.lex_state)) return false;
  finish();
  token.symbol = functions_.result_symbol;
  token.external = false;
  token.begin = token_begin_;
  token.end = token_end_;
  if (token.symbol == tables_.language().keyword_capture_token && token.symbol != 0) {
    read_keyword(token);
  }
  return true;
}

void LeanLexer::read_keyword(LeanToken& token) {
  const bool is_long = token.end - token.begin > 1;
  if (is_long && !tables_.may_be_keyword(text_[token.begin], text_[token.begin + 1])) return;
  start(token.begin);
  if (!tables_.language().keyword_lex_fn(&functions_, 0) || token_end_ != token.end) return;
  token.keyword = true;
  const TSSymbol keyword = functions_.result_symbol;
  const std::uint16_t word_set = tables_.language().lex_modes[token.state].reserved_word_set_id;
  if (tables_.at(token.state, keyword) != 0 || tables_.reserves(word_set, keyword)) {
    token.symbol = keyword;
  }
}

}  // namespace dagfix

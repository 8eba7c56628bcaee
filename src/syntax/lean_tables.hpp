#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "syntax/lean_chars.h"

namespace dagfix {

/// The grammar's tables in the form that the lean parser looks things up in.
class LeanTables {
 public:
  static const LeanTables& python();

  /// What a child of a production is called instead of its symbol, and which field it is; 0: none.
  struct Decoration {
    TSSymbol alias = 0;
    TSFieldId field = 0;
  };

  const TSLanguage& language() const { return language_; }
  /// By state and symbol, as the table of the grammar is for the first states.
  const std::uint16_t* table() const { return table_.data(); }
  /// For a terminal the index of its actions, for another symbol the next state.
  std::uint16_t at(TSStateId state, TSSymbol symbol) const {
    return table_[std::size_t{state} * width_ + symbol];
  }
  /// A header with the number of actions, and the actions.
  const TSParseActionEntry* actions(TSStateId state, TSSymbol terminal) const {
    return language_.parse_actions + at(state, terminal);
  }
  /// The state after a symbol is shifted, 0 if it cannot be.
  TSStateId next(TSStateId state, TSSymbol symbol) const;
  bool is_external(TSSymbol symbol) const { return external_[symbol]; }
  bool reserves(std::uint16_t word_set, TSSymbol symbol) const {
    return reserved_[std::size_t{word_set} * width_ + symbol];
  }
  /// By the index of a child, extras left out; null for a production that has none of them.
  const Decoration* decorations(std::uint16_t production) const {
    return production == 0 ? nullptr : decorations_.data() + production * longest_;
  }
  /// How many children have a decoration.
  std::size_t longest() const { return longest_; }
  TSSymbolMetadata metadata(TSSymbol symbol) const { return language_.symbol_metadata[symbol]; }
  /// Whether keywords begin with these two characters.
  bool may_be_keyword(unsigned char first, unsigned char second) const {
    return first < kAscii && second < kAscii && keywords_[first * kAscii + second];
  }

 private:
  static constexpr std::size_t kAscii = 128;

  explicit LeanTables(const TSLanguage& language);
  void fill_table();
  void fill_decorations();
  void fill_words();
  void fill_keywords();

  const TSLanguage& language_;
  std::size_t width_;
  std::size_t longest_ = 0;
  std::vector<std::uint16_t> table_;
  std::vector<Decoration> decorations_;
  std::vector<bool> external_;
  std::vector<bool> reserved_;
  std::vector<bool> keywords_;
};

}  // namespace dagfix

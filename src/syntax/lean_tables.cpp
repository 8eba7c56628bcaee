#include "syntax/lean_tables.hpp"

#include <algorithm>
#include <array>

extern "C" const TSLanguage* tree_sitter_python(void);

namespace dagfix {

namespace {

/// Two characters, to see how far a function of the grammar goes on reading.
class Probe {
 public:
  Probe(char first, char second) : text_{first, second} {
    functions_.advance = [](TSLexer* data, bool) {
      auto& self = *reinterpret_cast<Probe*>(data);
      if (self.read_ < self.text_.size()) ++self.read_;
      data->lookahead = self.read_ < self.text_.size() ? self.text_[self.read_] : 0;
    };
    functions_.mark_end = [](TSLexer*) {};
    functions_.eof = [](const TSLexer*) { return false; };
    functions_.lookahead = first;
  }

  bool is_read_by(bool (*lex)(TSLexer*, TSStateId)) {
    lex(&functions_, 0);
    return read_ == text_.size();
  }
  bool has_read_first() const { return read_ > 0; }

 private:
  TSLexer functions_{};  // has to be the first member: the grammar's functions get a pointer to it
  std::array<char, 2> text_;
  std::size_t read_ = 0;
};

}  // namespace

const LeanTables& LeanTables::python() {
  static const LeanTables tables(*tree_sitter_python());
  return tables;
}

LeanTables::LeanTables(const TSLanguage& language)
    : language_(language), width_(language.symbol_count) {
  fill_table();
  fill_decorations();
  fill_words();
  fill_keywords();
}

// Most states of the grammar have lists, which take long to search.
void LeanTables::fill_table() {
  table_.resize(language_.state_count * width_);
  const std::size_t large = language_.large_state_count;
  std::copy_n(language_.parse_table, large * width_, table_.begin());
  for (std::size_t state = large; state < language_.state_count; ++state) {
    std::uint16_t* const row = table_.data() + state * width_;
    const std::uint16_t* data =
        language_.small_parse_table + language_.small_parse_table_map[state - large];
    for (std::uint16_t groups = *data++; groups > 0; --groups) {
      const std::uint16_t value = *data++;
      for (std::uint16_t symbols = *data++; symbols > 0; --symbols) row[*data++] = value;
    }
  }
}

void LeanTables::fill_decorations() {
  const std::size_t productions = language_.production_id_count;
  longest_ = language_.max_alias_sequence_length;
  const auto fields_of = [&](std::size_t production) {
    return language_.field_map_slices[production];
  };
  for (std::size_t production = 0; production < productions; ++production) {
    const TSMapSlice slice = fields_of(production);
    for (std::size_t i = slice.index; i < std::size_t{slice.index} + slice.length; ++i) {
      longest_ = std::max(longest_, language_.field_map_entries[i].child_index + std::size_t{1});
    }
  }
  decorations_.resize(productions * longest_);
  for (std::size_t production = 1; production < productions; ++production) {
    Decoration* const row = decorations_.data() + production * longest_;
    const std::size_t aliased = language_.max_alias_sequence_length;
    for (std::size_t i = 0; i < aliased; ++i) {
      row[i].alias = language_.alias_sequences[production * aliased + i];
    }
    const TSMapSlice slice = fields_of(production);
    // Where there are several, the first one counts.
    for (std::size_t i = slice.length; i-- > 0;) {
      const TSFieldMapEntry& entry = language_.field_map_entries[slice.index + i];
      if (!entry.inherited) row[entry.child_index].field = entry.field_id;
    }
  }
}

void LeanTables::fill_words() {
  std::size_t sets = 1;
  for (std::size_t state = 0; state < language_.state_count; ++state) {
    sets = std::max(sets, language_.lex_modes[state].reserved_word_set_id + std::size_t{1});
  }
  reserved_.resize(sets * width_);
  const std::size_t most = language_.max_reserved_word_set_size;
  for (std::size_t set = 1; set < sets; ++set) {
    for (std::size_t i = 0; i < most; ++i) {
      const TSSymbol word = language_.reserved_words[set * most + i];
      if (word == 0) break;
      reserved_[set * width_ + word] = true;
    }
  }
  external_.resize(width_);
  for (std::size_t i = 0; i < language_.external_token_count; ++i) {
    external_[language_.external_scanner.symbol_map[i]] = true;
  }
}

void LeanTables::fill_keywords() {
  keywords_.resize(kAscii * kAscii);
  for (std::size_t first = 0; first < kAscii; ++first) {
    for (std::size_t second = 0; second < kAscii; ++second) {
      Probe probe(static_cast<char>(first), static_cast<char>(second));
      keywords_[first * kAscii + second] = probe.is_read_by(language_.keyword_lex_fn);
      if (!probe.has_read_first()) break;
    }
  }
}

TSStateId LeanTables::next(TSStateId state, TSSymbol symbol) const {
  if (symbol >= language_.token_count) return at(state, symbol);
  const TSParseActionEntry* const entry = actions(state, symbol);
  const unsigned count = entry->entry.count;
  if (count == 0) return 0;
  const TSParseAction& last = entry[count].action;
  if (last.type != TSParseActionTypeShift) return 0;
  return last.shift.extra ? state : last.shift.state;
}

}  // namespace dagfix

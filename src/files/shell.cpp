#include <string>
#include <utility>
#include <vector>

#include "files/scan.hpp"

namespace dagfix {

namespace {

using Role = Item::Role;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool ends_word(char c) {
  return is_blank(c) || c == '\n' || c == ';' || c == '&' || c == '|' || c == '(' || c == ')' ||
         c == '<' || c == '>';
}

/// Commands whose words are assignments.
bool is_declaration(std::string_view command) {
  return command == "export" || command == "declare" || command == "local" ||
         command == "readonly" || command == "typeset" || command == "env";
}

class ShellScanner {
 public:
  ShellScanner(ItemSink& sink, ByteRange range, std::uint32_t parent, bool is_list)
      : sink_(sink),
        text_(sink.text),
        at_(range.begin),
        end_(range.end),
        owner_(parent),
        command_(parent),
        is_list_(is_list) {}

  void run() {
    while (at_ < end_) step();
  }

 private:
  struct Heredoc {
    std::string word;
    bool expands = true;
  };

  void step() {
    const char c = text_[at_];
    if (c == '\n') {
      ++at_;
      begin_command();
      skip_heredocs();
    } else if (c == ';' || c == '&' || c == '|' || c == '(' || c == ')') {
      ++at_;
      begin_command();
    } else if (is_blank(c)) {
      ++at_;
    } else if (c == '\\' && is_line_end(at_ + 1)) {
      at_ = text_.find('\n', at_) + 1;
    } else if (c == '#' && !is_list_) {
      comment();
    } else if (c == '<' || c == '>') {
      redirection();
    } else {
      word();
    }
  }

  bool is_line_end(std::size_t at) const {
    if (at < end_ && text_[at] == '\r') ++at;
    return at < end_ && text_[at] == '\n';
  }

  void begin_command() {
    command_ = owner_;
    has_command_ = false;
  }

  void comment() {
    std::size_t last = std::min(text_.find('\n', at_), end_);
    const std::size_t next = last;
    if (last > at_ && text_[last - 1] == '\r') --last;
    sink_.out.comments.push_back(byte_range(at_, last));
    at_ = next;
  }

  void redirection() {
    const bool is_heredoc =
        text_.substr(at_).starts_with("<<") && !text_.substr(at_).starts_with("<<<");
    while (at_ < end_ && (text_[at_] == '<' || text_[at_] == '>' || text_[at_] == '&')) ++at_;
    if (!is_heredoc) return;
    if (at_ < end_ && text_[at_] == '-') ++at_;
    while (at_ < end_ && is_blank(text_[at_])) ++at_;
    Heredoc heredoc;
    while (at_ < end_ && !ends_word(text_[at_])) {
      const char c = text_[at_++];
      if (c == '\'' || c == '"' || c == '\\') {
        heredoc.expands = false;
      } else {
        heredoc.word += c;
      }
    }
    if (!heredoc.word.empty()) heredocs_.push_back(std::move(heredoc));
  }

  void skip_heredocs() {
    for (const Heredoc& heredoc : std::exchange(heredocs_, {})) {
      while (at_ < end_) {
        const std::size_t begin = at_;
        const std::size_t last = std::min(text_.find('\n', at_), end_);
        std::string_view line = text_.substr(begin, last - begin);
        at_ = std::min(last + 1, end_);
        while (line.starts_with('\t')) line.remove_prefix(1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line == heredoc.word) break;
        if (heredoc.expands) expansions(begin, last);
      }
    }
  }

  /// The variables in a part of the text that is not a word.
  void expansions(std::size_t begin, std::size_t last) {
    const std::size_t after = at_;
    for (at_ = begin; at_ < last;) {
      if (text_[at_] == '\\') {
        at_ += 2;
      } else if (text_[at_] == '$') {
        expansion();
      } else {
        ++at_;
      }
    }
    at_ = after;
  }

  void word() {
    const std::size_t begin = at_;
    if (is_assignment()) return assignment();
    const bool is_first = !has_command_ && !is_list_;
    const std::uint32_t index = read_word(Role::word, is_first ? owner_ : command_);
    if (at_ == begin) ++at_;
    if (is_first) {
      has_command_ = true;
      command_ = index;
    }
  }

  /// NAME= where a word may be an assignment.
  bool is_assignment() const {
    const bool may_be =
        !has_command_ || is_list_ ||
        (command_ != Item::kNone && is_declaration(sink_.slice(sink_.out.items[command_].content)));
    if (!may_be) return false;
    std::size_t at = at_;
    while (at < end_ && (is_name_char(text_[at]) || (is_list_ && is_label_char(text_[at])))) ++at;
    if (at < end_ && text_[at] == '+' && !is_list_) ++at;
    return at > at_ && at < end_ && text_[at] == '=';
  }
  static bool is_label_char(char c) { return c == '.' || c == '-' || c == '/'; }

  void assignment() {
    const std::size_t equals = text_.find('=', at_);
    const std::size_t last = text_[equals - 1] == '+' ? equals - 1 : equals;
    const ByteRange name = byte_range(at_, last);
    const std::uint32_t key =
        sink_.add({.role = Role::key, .range = name, .content = name, .parent = owner_});
    at_ = equals + 1;
    if (at_ < end_ && !ends_word(text_[at_])) read_word(Role::value, key);
  }

  std::uint32_t read_word(Role role, std::uint32_t parent) {
    const std::size_t begin = at_;
    const std::uint32_t index = sink_.add({.role = role, .parent = parent});
    Item item = sink_.out.items[index];
    int parts = 0;
    while (at_ < end_ && !ends_word(text_[at_])) {
      const char c = text_[at_];
      ++parts;
      if (text_.substr(at_).starts_with("{{")) {
        const std::size_t after = template_end(text_, at_, end_);
        at_ = after == std::string_view::npos ? at_ + 2 : after;
        item.is_plain = false;
      } else if (c == '\'') {
        single_quoted(index);
        item.quote = c;
      } else if (c == '"') {
        item.is_plain &= double_quoted();
        item.quote = c;
      } else if (c == '\\') {
        if (is_line_end(at_ + 1)) break;
        at_ += 2;
        item.is_plain = false;
      } else if (c == '$') {
        expansion();
        item.is_plain = false;
      } else if (c == '`') {
        at_ = std::min(text_.find('`', at_ + 1), end_ - 1) + 1;
        item.is_plain = false;
      } else {
        while (at_ < end_ && !ends_word(text_[at_]) && !is_special(text_[at_])) ++at_;
        if (text_.substr(0, end_).substr(at_).starts_with('{')) ++at_;
      }
    }
    at_ = std::min(at_, end_);
    item.range = item.content = byte_range(begin, at_);
    if (item.quote != 0 && parts == 1 && item.range.size() >= 2) {
      item.content = {item.range.begin + 1, item.range.end - 1};
    } else if (item.quote != 0) {
      item.quote = 0;
      item.is_plain = false;
    }
    sink_.out.items[index] = item;
    return index;
  }
  bool is_special(char c) const {
    return c == '\'' || c == '"' || c == '\\' || c == '$' || c == '`' || c == '{';
  }

  void single_quoted(std::uint32_t index) {
    const std::size_t begin = at_ + 1;
    const std::size_t close = std::min(text_.find('\'', begin), end_);
    at_ = std::min(close + 1, end_);
    const std::size_t first = text_.find_first_not_of(" \t\r\n", begin);
    if (first < close && (text_[first] == '{' || text_[first] == '[')) {
      scan_json(sink_, byte_range(begin, close), index);
    }
  }

  /// Whether nothing in it has a meaning to the shell.
  bool double_quoted() {
    bool is_plain = true;
    ++at_;
    while (at_ < end_ && text_[at_] != '"') {
      if (text_[at_] == '\\') {
        is_plain = false;
        at_ += 2;
      } else if (text_[at_] == '$') {
        is_plain = false;
        expansion();
      } else {
        is_plain &= text_[at_] != '`' && !text_.substr(at_).starts_with("{{");
        ++at_;
      }
    }
    at_ = std::min(at_ + 1, end_);
    return is_plain;
  }

  /// $NAME, ${NAME...}, $(...)
  void expansion() {
    ++at_;
    if (at_ >= end_) return;
    if (text_[at_] == '(') return substitution();
    const bool is_braced = text_[at_] == '{' && !text_.substr(at_).starts_with("{{");
    if (is_braced) ++at_;
    if (is_braced && at_ < end_ && (text_[at_] == '#' || text_[at_] == '!')) ++at_;
    const std::size_t begin = at_;
    while (at_ < end_ && is_name_char(text_[at_])) ++at_;
    const ByteRange name = byte_range(begin, at_);
    if (name.size() > 0) {
      sink_.add({.role = Role::variable, .range = name, .content = name, .parent = command_});
    }
    if (!is_braced) return;
    while (at_ < end_ && text_[at_] != '}' && text_[at_] != '\n') {
      if (text_[at_] == '$') {
        expansion();
      } else {
        at_ += text_[at_] == '\\' ? 2 : 1;
      }
    }
    at_ = std::min(at_ + 1, end_);
  }

  void substitution() {
    const std::size_t begin = ++at_;
    int depth = 1;
    for (; at_ < end_ && depth > 0; ++at_) {
      const char c = text_[at_];
      if (c == '\\') {
        ++at_;
      } else if (c == '\'') {
        const auto close = text_.find('\'', at_ + 1);
        at_ = close < end_ ? close : end_ - 1;
      } else if (c == '(') {
        ++depth;
      } else if (c == ')') {
        --depth;
      }
    }
    at_ = std::min(at_, end_);
    if (depth > 0 || nesting_ > kMostNested) return;
    ShellScanner inner(sink_, byte_range(begin, at_ - 1), Item::kNone, false);
    inner.nesting_ = nesting_ + 1;
    inner.run();
  }

  static constexpr int kMostNested = 20;

  ItemSink& sink_;
  std::string_view text_;
  std::size_t at_;
  std::size_t end_;
  std::uint32_t owner_;
  std::uint32_t command_;
  bool is_list_;
  bool has_command_ = false;
  int nesting_ = 0;
  std::vector<Heredoc> heredocs_;
};

}  // namespace

void scan_shell(ItemSink& sink, ByteRange range, std::uint32_t parent, bool is_list) {
  ShellScanner(sink, range, parent, is_list).run();
}

}  // namespace dagfix

#include <algorithm>
#include <array>
#include <vector>

#include "files/scan.hpp"

namespace dagfix {

namespace {

using Role = Item::Role;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool is_word_char(char c) {
  return is_name_char(c) || c == '$' || static_cast<unsigned char>(c) >= 0x80;
}

/// Words behind which a slash begins a regular expression.
bool is_operator_word(std::string_view word) {
  constexpr auto kWords =
      std::to_array<std::string_view>({"return", "typeof", "case", "in", "of", "delete", "void",
                                       "throw", "new", "else", "do", "await", "yield"});
  return std::ranges::find(kWords, word) != kWords.end();
}

/// Tokens of JavaScript and TypeScript, as far as strings and the names before them need it. A
/// string that is not closed in its line is none: that happens in the text of JSX.
class ScriptScanner {
 public:
  ScriptScanner(ItemSink& sink, ByteRange range, std::uint32_t parent)
      : sink_(sink), text_(sink.text), at_(range.begin), end_(range.end) {
    frames_.push_back({';', parent, Item::kNone, sink_.new_group()});
  }

  void run() {
    while (at_ < end_) step();
  }

 private:
  struct Frame {
    char bracket;           // 's' is the [ of x[...]
    std::uint32_t owner;    // what names the values in it
    std::uint32_t pending;  // the key or the variable whose value is awaited
    std::uint32_t group;
  };

  std::string_view rest() const { return text_.substr(at_, end_ - at_); }
  char next_char(std::size_t at) const {
    while (at < end_ && is_space(text_[at])) ++at;
    return at < end_ ? text_[at] : '\0';
  }

  void step() {
    const char c = text_[at_];
    if (is_space(c)) {
      ++at_;
    } else if (rest().starts_with("//") || rest().starts_with("/*")) {
      comment();
    } else if (c == '"' || c == '\'') {
      string(c);
    } else if (c == '`') {
      template_string();
    } else if (c == '/' && may_be_regex()) {
      regex();
    } else if (is_word_char(c)) {
      word();
    } else {
      sign(c);
    }
  }

  void comment() {
    const std::size_t begin = at_;
    const bool is_block = text_[at_ + 1] == '*';
    const auto close = text_.find(is_block ? "*/" : "\n", at_ + 2);
    at_ = close == std::string_view::npos || close >= end_ ? end_ : close + (is_block ? 2 : 0);
    std::size_t last = at_;
    if (!is_block && text_[last - 1] == '\r') --last;
    sink_.out.comments.push_back(byte_range(begin, last));
  }

  bool may_be_regex() const {
    return last_ == '\0' || std::string_view("(,=:[!&|?{;+-*%~^<>").contains(last_) ||
           (last_ == 'w' && is_operator_word(last_word_));
  }

  void regex() {
    bool in_class = false;
    for (std::size_t at = at_ + 1; at < end_ && text_[at] != '\n'; ++at) {
      if (text_[at] == '\\') {
        ++at;
      } else if (text_[at] == '[' || text_[at] == ']') {
        in_class = text_[at] == '[';
      } else if (text_[at] == '/' && !in_class) {
        at_ = at + 1;
        last_ = ')';
        return;
      }
    }
    sign('/');
  }

  void string(char quote) {
    bool is_plain = true;
    for (std::size_t at = at_ + 1; at < end_ && text_[at] != '\n'; ++at) {
      if (text_[at] == '\\') {
        is_plain = false;
        ++at;
      } else if (text_[at] == quote) {
        return add_string(at_, at + 1, quote, is_plain);
      }
    }
    ++at_;
  }

  void template_string() {
    bool is_plain = true;
    for (std::size_t at = at_ + 1; at < end_; ++at) {
      if (text_[at] == '\\') {
        is_plain = false;
        ++at;
      } else if (text_[at] == '$' && at + 1 < end_ && text_[at + 1] == '{') {
        is_plain = false;
        at = skip_braces(at + 1);
      } else if (text_[at] == '`') {
        return add_string(at_, at + 1, '`', is_plain);
      }
    }
    ++at_;
  }

  /// The closing brace of ${...}.
  std::size_t skip_braces(std::size_t at) const {
    int depth = 0;
    for (; at < end_; ++at) {
      if (text_[at] == '{') ++depth;
      if (text_[at] == '}' && --depth == 0) return at;
    }
    return end_;
  }

  void add_string(std::size_t begin, std::size_t after, char quote, bool is_plain) {
    at_ = after;
    Frame& frame = frames_.back();
    Item item{.is_plain = is_plain,
              .quote = quote,
              .range = byte_range(begin, after),
              .content = byte_range(begin + 1, after - 1),
              .group = frame.group};
    const bool begins_entry = last_ == '{' || last_ == ',';
    if (frame.bracket == '{' && begins_entry && next_char(at_) == ':') {
      item.role = Role::key;
      item.parent = frame.owner;
      frame.pending = sink_.add(item);
    } else {
      if (frame.bracket == 's' && next_char(at_) == ']') item.role = Role::member;
      item.parent = is_compared_                   ? last_name_
                    : frame.pending != Item::kNone ? frame.pending
                                                   : frame.owner;
      const std::uint32_t index = sink_.add(item);
      if (item.role == Role::member) last_member_ = index;
    }
    is_compared_ = false;
    last_ = '"';
  }

  void word() {
    const std::size_t begin = at_;
    while (at_ < end_ && is_word_char(text_[at_])) ++at_;
    Frame& frame = frames_.back();
    const ByteRange range = byte_range(begin, at_);
    Item item{.role = Role::name, .range = range, .content = range, .group = frame.group};
    const char next = next_char(at_);
    const bool begins_entry = last_ == '{' || last_ == ',';
    if (last_ == '.') {
      item.role = Role::member;
      item.parent = last_name_;
    } else if (frame.bracket == '{' && begins_entry && next == ':') {
      item.role = Role::key;
      item.parent = frame.owner;
    }
    last_word_ = sink_.slice(range);
    last_ = 'w';
    if (is_operator_word(last_word_)) return;
    const std::uint32_t index = sink_.add(item);
    last_name_ = index;
    if (item.role == Role::key || is_assigned()) frame.pending = index;
    if (item.role == Role::key) last_ = ':';
  }

  /// Whether `=` follows, alone.
  bool is_assigned() const {
    std::size_t at = at_;
    while (at < end_ && is_space(text_[at])) ++at;
    const std::string_view next = text_.substr(at, end_ - at);
    return next.starts_with('=') && !next.starts_with("==") && !next.starts_with("=>");
  }

  void sign(char c) {
    ++at_;
    Frame& frame = frames_.back();
    const std::uint32_t named = frame.pending != Item::kNone ? frame.pending : frame.owner;
    switch (c) {
      case '(':
        push('(', last_ == 'w' ? last_name_ : named);
        break;
      case '[':
        if (last_ == 'w' || last_ == ')' || last_ == ']') {
          push('s', last_name_);
        } else {
          push('[', named);
        }
        break;
      case '{':
        push('{', named);
        break;
      case ')':
      case ']':
      case '}':
        if (frames_.size() > 1) {
          if (frame.bracket == 's' && last_member_ != Item::kNone) {
            last_name_ = last_member_;
            if (is_assigned()) frames_[frames_.size() - 2].pending = last_member_;
          }
          frames_.pop_back();
        }
        if (c == '}') frames_.back().pending = Item::kNone;
        break;
      case ',':
      case ';':
        frame.pending = Item::kNone;
        break;
      case '=':
        if (rest().starts_with('=')) is_compared_ = true;
        break;
      default:
        break;
    }
    if (c == '?' && rest().starts_with('.')) return;
    last_ = c;
  }

  void push(char bracket, std::uint32_t owner) {
    last_member_ = Item::kNone;
    is_compared_ = false;
    frames_.push_back({bracket, owner, Item::kNone, sink_.new_group()});
  }

  ItemSink& sink_;
  std::string_view text_;
  std::size_t at_;
  std::size_t end_;
  std::vector<Frame> frames_;
  char last_ = '\0';  // the last sign; 'w' a word, '"' a string
  std::string_view last_word_;
  std::uint32_t last_name_ = Item::kNone;
  std::uint32_t last_member_ = Item::kNone;
  bool is_compared_ = false;
};

/// The tags of a Vue component: attributes, and the scripts in and between them.
class VueScanner {
 public:
  VueScanner(ItemSink& sink, ByteRange range)
      : sink_(sink), text_(sink.text), at_(range.begin), end_(range.end) {}

  void run() {
    while (at_ < end_) {
      const auto open = text_.find('<', at_);
      if (open >= end_) return;
      at_ = open;
      if (text_.substr(at_).starts_with("<!--")) {
        const auto close = std::min(text_.find("-->", at_), end_);
        sink_.out.comments.push_back(byte_range(at_, close));
        at_ = close;
      } else if (at_ + 1 < end_ && is_name_char(text_[at_ + 1])) {
        tag();
      } else {
        ++at_;
      }
    }
  }

 private:
  void tag() {
    const std::size_t begin = ++at_;
    while (at_ < end_ && (is_name_char(text_[at_]) || text_[at_] == '-')) ++at_;
    const std::string_view name = text_.substr(begin, at_ - begin);
    const std::uint32_t group = sink_.new_group();
    while (at_ < end_ && text_[at_] != '>') attribute(group);
    if (at_ < end_) ++at_;
    if (name == "script") body("</script", true);
    if (name == "style") body("</style", false);
  }

  void body(std::string_view closing, bool is_script) {
    const auto close = std::min(text_.find(closing, at_), end_);
    if (is_script) scan_script(sink_, byte_range(at_, close), Item::kNone);
    at_ = close;
  }

  void attribute(std::uint32_t group) {
    if (is_space(text_[at_]) || text_[at_] == '/' || text_[at_] == '=') {
      ++at_;
      return;
    }
    const std::size_t begin = at_;
    while (at_ < end_ && !is_space(text_[at_]) &&
           !std::string_view("=>/\"'").contains(text_[at_])) {
      ++at_;
    }
    const ByteRange name = byte_range(begin, at_);
    if (at_ + 1 >= end_ || text_[at_] != '=' || (text_[at_ + 1] != '"' && text_[at_ + 1] != '\'')) {
      if (at_ == begin) ++at_;
      return;
    }
    const char quote = text_[at_ + 1];
    const auto close = text_.find(quote, at_ + 2);
    if (close >= end_) {
      at_ = end_;
      return;
    }
    const std::uint32_t key =
        sink_.add({.role = Role::key, .range = name, .content = name, .group = group});
    const ByteRange content = byte_range(at_ + 2, close);
    const std::string_view text = sink_.slice(name);
    if (text.starts_with(':') || text.starts_with('@') || text.starts_with("v-")) {
      scan_script(sink_, content, key);
    } else {
      sink_.add({.quote = quote,
                 .range = {content.begin - 1, content.end + 1},
                 .content = content,
                 .parent = key,
                 .group = group});
    }
    at_ = close + 1;
  }

  ItemSink& sink_;
  std::string_view text_;
  std::size_t at_;
  std::size_t end_;
};

}  // namespace

void scan_script(ItemSink& sink, ByteRange range, std::uint32_t parent) {
  ScriptScanner(sink, range, parent).run();
}

void scan_vue(ItemSink& sink, ByteRange range) { VueScanner(sink, range).run(); }

}  // namespace dagfix

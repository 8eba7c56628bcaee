#include "project/import_lines.hpp"

#include <algorithm>

namespace dagfix {

namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

/// Splits one logical line into names, dotted names and punctuation.
class Lexer {
 public:
  explicit Lexer(std::string_view text) : text_(text) {}

  /// The next token; empty at the end of the logical line.
  std::string_view next() {
    skip();
    if (at_ == text_.size() || text_[at_] == '\n' || text_[at_] == '\r') return {};
    const std::size_t begin = at_;
    const auto is_part = [](char c) { return is_name_byte(c) || c == '.'; };
    while (at_ < text_.size() && is_part(text_[at_])) ++at_;
    if (at_ == begin) {
      if (text_[at_] == '(') in_parentheses_ = true;
      if (text_[at_] == ')') in_parentheses_ = false;
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }
  std::size_t position() const { return at_; }

 private:
  void skip() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == '\\' || is_blank(c)) {
        const bool continues = c == '\\' && text_.substr(at_ + 1, 1) == "\r";
        at_ += c == '\\' ? (continues ? 3 : 2) : 1;
      } else if (in_parentheses_ && (c == '\n' || c == '\r')) {
        ++at_;
      } else {
        break;
      }
    }
    at_ = std::min(at_, text_.size());
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool in_parentheses_ = false;
};

/// Reads "a [as b], c" up to the end of the statement. Anything else ends it, too.
void read_items(Lexer& lexer, std::vector<ImportLine::Item>& items) {
  std::string_view token = lexer.next();
  if (token == "(") token = lexer.next();
  while (!token.empty() && (is_name_byte(token[0]) || token == "*")) {
    ImportLine::Item item{token, {}};
    token = lexer.next();
    if (token == "as") {
      item.alias = lexer.next();
      token = lexer.next();
    }
    items.push_back(item);
    if (token != ",") break;
    token = lexer.next();
  }
}

/// The import statement at the beginning of `text`; without items if there is none.
ImportLine read_import(std::string_view text) {
  ImportLine line;
  Lexer lexer(text);
  const std::string_view keyword = lexer.next();
  if (keyword == "from") {
    line.module = lexer.next();
    std::string_view token = lexer.next();
    // "from . x" is written with blanks between the dots and the name, too.
    const bool only_dots = line.module.find_first_not_of('.') == std::string_view::npos;
    if (only_dots && !token.empty() && token != "import") {
      line.module = std::string_view(line.module.data(), token.data() + token.size());
      token = lexer.next();
    }
    if (token != "import") return line;
  } else if (keyword != "import") {
    return line;
  }
  read_items(lexer, line.items);
  line.text = text.substr(0, lexer.position());
  return line;
}

/// Where the line that `at` is in begins; lines that a backslash joins are one.
std::size_t logical_line_begin(std::string_view text, std::size_t at) {
  while (true) {
    const std::size_t line = at == 0 ? 0 : text.find_last_of("\r\n", at - 1) + 1;
    std::size_t before = line;
    while (before > 0 && (text[before - 1] == '\r' || text[before - 1] == '\n') &&
           line - before < 2) {
      --before;
    }
    if (before == 0 || before == line || text[before - 1] != '\\') return line;
    at = before - 1;
  }
}

}  // namespace

void for_each_import(std::string_view text, const std::function<void(const ImportLine&)>& visit) {
  constexpr std::string_view kWord = "import";
  std::size_t done = 0;
  for (auto at = text.find(kWord); at != std::string_view::npos;
       at = text.find(kWord, std::max(done, at + kWord.size()))) {
    const std::size_t line = logical_line_begin(text, at);
    std::size_t begin = line;
    while (is_blank(text[begin])) ++begin;
    if (begin < done) continue;
    const std::string_view rest = text.substr(begin);
    if (!rest.starts_with("from") && !rest.starts_with(kWord)) continue;
    const ImportLine found = read_import(rest);
    if (!found.items.empty()) visit(found);
    done = begin + found.text.size();
  }
}

}  // namespace dagfix

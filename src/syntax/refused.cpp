#include "syntax/refused.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace dagfix {

namespace {

std::optional<SyntaxError> at(Node node, std::string message) {
  return SyntaxError{node.range(), std::move(message)};
}

bool is_extra(Node node) {
  return !node.named() || node.is(Kind::comment) || node.is(Kind::line_continuation);
}

std::optional<SyntaxError> refused_number(Node number) {
  const std::string_view text = number.text();
  if (text.ends_with('L') || text.ends_with('l')) return at(number, "Python 2 long integer");
  const bool is_octal = text.size() > 1 && text[0] == '0' &&
                        text.find_first_not_of("0123456789_") == std::string_view::npos &&
                        text.find_first_not_of("0_") != std::string_view::npos;
  if (is_octal) return at(number, "Python 2 octal number: write '0o' instead of '0'");
  return std::nullopt;
}

std::optional<SyntaxError> refused_string(Node start) {
  const std::string_view text = start.text();
  if (text.starts_with('`')) return at(start, "Python 2 backquotes: write repr()");
  const std::string_view prefix = text.substr(0, text.find_first_of("\"'"));
  const bool is_unicode = prefix.find_first_of("uU") != std::string_view::npos;
  if (is_unicode && prefix.size() > 1) return at(start, "Python 2 string prefix 'ur'");
  return std::nullopt;
}

std::optional<SyntaxError> refused_arguments(Node list) {
  bool has_keyword = false;
  bool has_rest = false;
  for (Node child = list.first_child(); child; child = child.next_sibling()) {
    if (is_extra(child)) continue;
    if (child.is(Kind::keyword_argument)) {
      has_keyword = true;
    } else if (child.is(Kind::dictionary_splat)) {
      has_rest = true;
    } else if (has_rest || (has_keyword && !child.is(Kind::list_splat))) {
      return at(child, "positional argument follows keyword argument");
    }
  }
  return std::nullopt;
}

bool is_splat(Node parameter) {
  const Node inner = parameter.is(Kind::typed_parameter) ? parameter.first_child() : parameter;
  return inner.is(Kind::list_splat_pattern) || inner.is(Kind::dictionary_splat_pattern) ||
         inner.is(Kind::keyword_separator);
}

std::optional<SyntaxError> refused_parameters(Node list) {
  bool has_default = false;
  bool is_keyword_only = false;
  for (Node child = list.first_child(); child; child = child.next_sibling()) {
    if (is_extra(child) || child.is(Kind::positional_separator)) continue;
    if (child.is(Kind::tuple_pattern)) return at(child, "Python 2 tuple of parameters");
    is_keyword_only = is_keyword_only || is_splat(child);
    if (child.is(Kind::default_parameter) || child.is(Kind::typed_default_parameter)) {
      has_default = true;
    } else if (has_default && !is_keyword_only) {
      return at(child, "parameter without a default follows one with a default");
    }
  }
  return std::nullopt;
}

std::optional<SyntaxError> refused_try(Node statement) {
  for (Node child = statement.first_child(); child; child = child.next_sibling()) {
    const bool is_handler =
        !is_extra(child) && !child.is(Kind::block) && !child.is(Kind::else_clause);
    if (is_handler) return std::nullopt;
  }
  return at(statement.first_child(), "'try' without 'except' or 'finally'");
}

/// What stands before a statement in its line; nothing if it does not begin the line.
std::optional<std::string_view> indentation(Node statement, std::string_view text) {
  const std::size_t end = statement.begin();
  std::size_t begin = end;
  while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) --begin;
  if (begin == 0) return text.substr(0, end);
  if (text[begin - 1] != '\n' && text[begin - 1] != '\r') return std::nullopt;
  const std::size_t last = text.find_last_not_of("\r\n", begin - 1);
  // A line that a backslash joined to the one before is no new one.
  if (last != std::string_view::npos && text[last] == '\\') return std::nullopt;
  return text.substr(begin, end - begin);
}

/// Columns with tabs to the next multiple of eight, and with tabs of one: Python compares both.
std::array<std::size_t, 2> columns(std::string_view indentation) {
  std::array<std::size_t, 2> result{};
  for (const char c : indentation) {
    result[0] = c == '\t' ? (result[0] / 8 + 1) * 8 : result[0] + 1;
    ++result[1];
  }
  return result;
}

}  // namespace

std::optional<SyntaxError> refused(Node node) {
  switch (node.kind()) {
    case Kind::argument_list:
      return refused_arguments(node);
    case Kind::block:
      return node.first_child() ? std::nullopt : at(node, "expected an indented block");
    case Kind::except_clause:
      if (const Node comma = node.child(Kind::comma)) {
        return at(comma, "Python 2 except clause: write 'as' instead of ','");
      }
      return std::nullopt;
    case Kind::exec_statement:
      return at(node, "Python 2 exec statement");
    case Kind::integer:
      return refused_number(node);
    case Kind::lambda_parameters:
    case Kind::parameters:
      return refused_parameters(node);
    case Kind::old_not_equal:
      return at(node, "Python 2 operator '<>'");
    case Kind::print_statement:
      return at(node, "Python 2 print statement");
    case Kind::raise_statement:
      if (const Node list = node.child(Kind::expression_list)) {
        return at(list, "Python 2 raise statement: write the value in parentheses");
      }
      return std::nullopt;
    case Kind::string_start:
      return refused_string(node);
    case Kind::try_statement:
      return refused_try(node);
    default:
      return std::nullopt;
  }
}

std::optional<SyntaxError> wrong_indentation(Node block, std::string_view text) {
  std::optional<std::string_view> first;
  for (Node child = block.first_child(); child; child = child.next_sibling()) {
    if (is_extra(child)) continue;
    const auto own = indentation(child, text);
    if (!own) continue;
    if (!first) first = own;
    if (*own == *first || columns(*own) == columns(*first)) continue;
    return at(child, columns(*own)[0] == columns(*first)[0]
                         ? "inconsistent use of tabs and spaces in indentation"
                         : "unindent does not match any outer indentation level");
  }
  return std::nullopt;
}

}  // namespace dagfix

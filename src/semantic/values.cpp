#include <charconv>

#include "semantic/model.hpp"

namespace dagfix {

namespace {

constexpr int kMaxDepth = 12;

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3f));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3f));
    out += static_cast<char>(0x80 | (code & 0x3f));
  }
}

std::size_t count_octal(std::string_view text, std::size_t at) {
  std::size_t count = 0;
  while (count < 3 && at + count < text.size() && text[at + count] >= '0' &&
         text[at + count] <= '7') {
    ++count;
  }
  return count;
}

/// Decodes the escape after the backslash at `at`; returns the offset behind it, or npos for
/// what is not supported (\N{...}) or wrong.
std::size_t decode_escape(std::string_view text, std::size_t at, std::string& out) {
  constexpr std::string_view kFrom = "\\'\"abfnrtv";
  constexpr std::string_view kTo = "\\'\"\a\b\f\n\r\t\v";
  const char letter = text[at + 1];
  if (const auto simple = kFrom.find(letter); simple != std::string_view::npos) {
    out += kTo[simple];
    return at + 2;
  }
  if (letter == '\n') return at + 2;
  if (letter == '\r') return at + (at + 2 < text.size() && text[at + 2] == '\n' ? 3 : 2);
  std::size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
  int base = 16;
  std::size_t begin = at + 2;
  if (digits == 0) {
    digits = count_octal(text, at + 1);
    base = 8;
    begin = at + 1;
  }
  if (digits == 0) {
    if (letter == 'N') return std::string_view::npos;
    out += '\\';  // an unknown escape stays as it is
    return at + 1;
  }
  if (begin + digits > text.size()) return std::string_view::npos;
  std::uint32_t code = 0;
  const char* end = text.data() + begin + digits;
  const auto [stop, error] = std::from_chars(text.data() + begin, end, code, base);
  if (error != std::errc{} || stop != end || code > 0x10ffff) return std::string_view::npos;
  append_utf8(out, code);
  return begin + digits;
}

struct Prefix {
  bool raw = false;
  bool bytes = false;
  bool formatted = false;
};

Prefix prefix_of(Node literal) {
  Prefix prefix;
  for (const char c : literal.child(Kind::string_start).text()) {
    if (c == 'r' || c == 'R') prefix.raw = true;
    if (c == 'b' || c == 'B') prefix.bytes = true;
    if (c == 'f' || c == 'F' || c == 't' || c == 'T') prefix.formatted = true;
  }
  return prefix;
}

ByteRange content_range(Node literal) {
  return {literal.child(Kind::string_start).end(), literal.child(Kind::string_end).begin()};
}

}  // namespace

std::optional<std::string> string_part(Node literal, ByteRange range) {
  const Prefix prefix = prefix_of(literal);
  const std::string_view text = literal.text().substr(range.begin - literal.begin(), range.size());
  if (!prefix.formatted && (prefix.raw || !text.contains('\\'))) return std::string(text);
  std::string value;
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\\' && !prefix.raw && i + 1 < text.size()) {
      i = decode_escape(text, i, value);
      if (i == std::string_view::npos) return std::nullopt;
      continue;
    }
    if (prefix.formatted && (text[i] == '{' || text[i] == '}')) ++i;
    if (i < text.size()) value += text[i];
    ++i;
  }
  return value;
}

std::optional<std::string> string_value(Node literal) {
  if (!literal.is(Kind::string) || literal.child(Kind::interpolation)) return std::nullopt;
  const Node start = literal.child(Kind::string_start);
  const Node stop = literal.child(Kind::string_end);
  if (!start || !stop || prefix_of(literal).bytes) return std::nullopt;
  return string_part(literal, content_range(literal));
}

std::optional<ByteRange> plain_content(Node literal) {
  const auto value = string_value(literal);
  if (!value) return std::nullopt;
  const ByteRange range = content_range(literal);
  if (literal.text().substr(range.begin - literal.begin(), range.size()) != *value) {
    return std::nullopt;
  }
  return range;
}

std::optional<Constant> SemanticModel::constant(Node expression) const {
  return constant(expression, kMaxDepth);
}

std::optional<Constant> SemanticModel::constant(Node expression, int depth) const {
  if (depth == 0) return std::nullopt;
  switch (expression.kind()) {
    case Kind::string: {
      auto value = string_value(expression);
      if (!value) return std::nullopt;
      return Constant{std::move(*value), expression, false};
    }
    case Kind::concatenated_string: {
      Constant joined;
      for (const Node part : expression.named_children()) {
        const auto value = string_value(part);
        if (!value) return std::nullopt;
        joined.value += *value;
      }
      return joined;
    }
    case Kind::parenthesized_expression: {
      const auto inner = expression.named_children();
      return inner.size() == 1 ? constant(inner[0], depth - 1) : std::nullopt;
    }
    case Kind::binary_operator: {
      if (!expression.child(Field::operator_).is(Kind::plus)) return std::nullopt;
      const auto left = constant(expression.child(Field::left), depth - 1);
      if (!left) return std::nullopt;
      const auto right = constant(expression.child(Field::right), depth - 1);
      if (!right) return std::nullopt;
      return Constant{left->value + right->value, {}, left->through_name || right->through_name};
    }
    case Kind::identifier: {
      const auto found = reaching(expression.text(), expression);
      if (found.size() != 1) return std::nullopt;
      const Binding& binding = bindings_[found[0]];
      if (binding.kind == BindingKind::import) return imported_constant(expression);
      if (binding.kind != BindingKind::assignment || !binding.value) return std::nullopt;
      auto value = constant(binding.value, depth - 1);
      if (value) value->through_name = true;
      return value;
    }
    case Kind::attribute:
      return imported_constant(expression);
    default:
      return std::nullopt;
  }
}

std::optional<Constant> SemanticModel::imported_constant(Node expression) const {
  const auto symbol = resolve(expression);
  if (!symbol || !symbol->certain) return std::nullopt;
  auto value = resolver_->constant(symbol->path);
  if (!value) return std::nullopt;
  return Constant{*std::move(value), {}, true};
}

}  // namespace dagfix

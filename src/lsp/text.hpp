#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/finding.hpp"

namespace dagfix::lsp {

/// How a client counts the characters of a line.
enum class Encoding : std::uint8_t { utf8, utf16, utf32 };

/// A place as the protocol has it: both from 0, `character` in units of the encoding.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t character = 0;

  auto operator<=>(const Position&) const = default;
};

struct Range {
  Position start;
  Position end;

  auto operator<=>(const Range&) const = default;
};

/// A text (UTF-8) that is edited in place and knows its lines. LF, CRLF and a lone CR end a line.
class Text {
 public:
  Text() : Text(std::string()) {}
  explicit Text(std::string text);

  const std::string& str() const { return text_; }
  std::size_t line_count() const { return starts_.size(); }

  Position position(std::uint32_t offset, Encoding encoding) const;
  Range range(ByteRange range, Encoding encoding) const;
  /// The offset of a position. What lies behind the end of a line or of the text means that end;
  /// a position within a character means its begin.
  std::uint32_t offset(Position position, Encoding encoding) const;
  ByteRange bytes(Range range, Encoding encoding) const;
  /// Range of the line (from 0) that an offset is in, without its line end.
  ByteRange line_at(std::uint32_t offset) const;

  /// `range` must lie within the text and between characters.
  void replace(ByteRange range, std::string_view text);

 private:
  std::size_t line_index(std::uint32_t offset) const;
  std::uint32_t line_end(std::size_t line) const;

  std::string text_;
  std::vector<std::uint32_t> starts_;
};

}  // namespace dagfix::lsp

#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/finding.hpp"

namespace dagfix {

/// A place for people: 1-based line, 1-based column in Unicode code points.
struct LineColumn {
  std::uint32_t line = 1;
  std::uint32_t column = 1;

  auto operator<=>(const LineColumn&) const = default;
};

/// One Python file: its path as the user wrote it, its bytes, and its text as UTF-8.
/// Offsets everywhere are offsets into text().
class SourceFile {
 public:
  /// Largest file that is read; a DAG is never that long, and offsets stay in 32 bits.
  static constexpr std::size_t kMaxBytes = 64u << 20;

  /// Decodes `bytes`: UTF-8 (with or without BOM), or what a PEP 263 line names. The error is
  /// one line that says what is wrong and at which byte or line; it does not name the path.
  static std::expected<SourceFile, std::string> decode(std::string path, std::string bytes);

  /// Why decode() would fail; nothing if it would not. Cheaper than decode().
  static std::optional<std::string> problem(std::string_view bytes);

  /// A file whose bytes are `text`, which is UTF-8 already: what a fix made of another file.
  static SourceFile from_utf8(std::string path, std::string text);

  const std::string& path() const { return path_; }
  /// The bytes on disk.
  std::string_view bytes() const { return bytes_; }
  /// The text as UTF-8, a BOM included.
  std::string_view text() const { return bytes_are_text() ? std::string_view(bytes_) : text_; }
  std::string_view slice(ByteRange range) const {
    return text().substr(range.begin, range.end - range.begin);
  }
  /// The encoding as CPython would name it: "utf-8", "iso-8859-1", ...
  const std::string& encoding() const { return encoding_; }
  bool has_bom() const;

  /// LF, CRLF and a lone CR end a line; behind the last one there is one more, maybe empty, line.
  std::uint32_t line_count() const { return static_cast<std::uint32_t>(line_starts_.size()); }
  /// Line and code-point column of an offset; a BOM does not count.
  LineColumn line_column(std::uint32_t offset) const;
  /// The same place as LSP counts: both fields 0-based, the column in UTF-16 code units; a BOM
  /// does not count.
  LineColumn utf16_position(std::uint32_t offset) const;
  /// Range of a 1-based line without its line end and without a BOM.
  ByteRange line(std::uint32_t number) const;

  /// The bytes of this file with `edits` (sorted, not conflicting) made: bytes outside of the
  /// edits are copied, inserted text is encoded. Error: a character that the encoding lacks.
  std::expected<std::string, std::string> encode_with(std::span<const Edit> edits) const;

 private:
  SourceFile() = default;
  bool bytes_are_text() const { return byte_offsets_.empty(); }
  std::uint32_t line_index(std::uint32_t offset) const;
  std::string_view line_before(std::uint32_t index, std::uint32_t offset) const;

  std::string path_;
  std::string bytes_;
  // Only when the bytes are neither UTF-8 nor all ASCII; byte_offsets_ maps offsets into text_.
  std::string text_;
  std::vector<std::uint32_t> byte_offsets_;
  std::string encoding_;
  std::vector<std::uint32_t> line_starts_;
};

/// `text` with `edits` (sorted, not conflicting) made.
std::string apply_edits(std::string_view text, std::span<const Edit> edits);

}  // namespace dagfix

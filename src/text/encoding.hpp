#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dagfix {

/// A stateless encoding of which ASCII is a part: what a PEP 263 line can usefully name.
struct Codec {
  std::string_view name;     ///< As CPython names it: "utf-8", "iso-8859-1", "cp1252", ...
  std::string_view iconv;    ///< As iconv_open names it.
  std::string_view aliases;  ///< CPython's normalised names, separated by spaces.

  bool is_utf8() const { return name == "utf-8"; }
};

/// The codec that CPython means by `name` ("Latin-1", "utf8", "windows-1252"); nullptr if there
/// is none, or if it is one that is not a superset of ASCII or keeps a state (utf-16, iso-2022-jp).
const Codec* find_codec(std::string_view name);

/// What a PEP 263 line says: `# -*- coding: latin-1 -*-`.
struct CodingLine {
  std::string_view name;  ///< As written; points into the bytes.
  std::uint32_t line = 1;
};

/// The PEP 263 line of a file without its BOM: line 1, or line 2 when line 1 holds no code.
std::optional<CodingLine> find_coding_line(std::string_view bytes);

/// How many bytes from the beginning are valid UTF-8; `bytes.size()` if all are.
std::size_t valid_utf8_prefix(std::string_view bytes);

/// Text as UTF-8 and where it came from.
struct DecodedText {
  std::string text;
  /// For each offset into `text`, its end included: the offset of the character's first byte.
  std::vector<std::uint32_t> byte_offsets;
};

/// Why bytes could not be decoded: the byte is no character, or iconv lacks the encoding.
struct DecodeError {
  std::optional<std::size_t> offset;  ///< Of the byte; none: iconv lacks the encoding.
};

/// Decodes `bytes` from an encoding other than UTF-8.
std::expected<DecodedText, DecodeError> decode_text(std::string_view bytes, const Codec& codec);

/// Encodes UTF-8. Error, one line: a character that the encoding lacks.
std::expected<std::string, std::string> encode_text(std::string_view text, const Codec& codec);

}  // namespace dagfix

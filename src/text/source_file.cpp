#include "text/source_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>
#include <utility>

#include "text/encoding.hpp"

namespace dagfix {
namespace {

constexpr std::string_view kBom = "\xef\xbb\xbf";

// UTF-32 comes first: its little-endian BOM begins with the one of UTF-16.
std::string_view foreign_bom(std::string_view bytes) {
  using namespace std::string_view_literals;
  if (bytes.starts_with("\xff\xfe\0\0"sv) || bytes.starts_with("\0\0\xfe\xff"sv)) return "UTF-32";
  if (bytes.starts_with("\xff\xfe"sv) || bytes.starts_with("\xfe\xff"sv)) return "UTF-16";
  return {};
}

// Offsets behind each LF, CRLF and lone CR: what CPython takes for the end of a line.
std::vector<std::uint32_t> find_line_starts(std::string_view text) {
  constexpr std::size_t kUsualLine = 32;
  std::vector<std::uint32_t> starts;
  starts.reserve(text.size() / kUsualLine + 2);
  starts.push_back(0);
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const auto find = [end](const char* from, char c) {
    if (from == end) return end;
    const void* const hit = std::memchr(from, c, static_cast<std::size_t>(end - from));
    return hit ? static_cast<const char*>(hit) : end;
  };
  const char* cr = find(begin, '\r');
  const char* lf = find(begin, '\n');
  while (cr != end || lf != end) {
    const char* next = std::min(cr, lf) + 1;
    if (next == lf && lf != end) ++next;
    starts.push_back(static_cast<std::uint32_t>(next - begin));
    if (cr < next) cr = find(next, '\r');
    if (lf < next) lf = find(next, '\n');
  }
  return starts;
}

std::uint32_t line_of_byte(std::string_view bytes, std::size_t offset) {
  return static_cast<std::uint32_t>(find_line_starts(bytes.substr(0, offset)).size());
}

std::string not_valid(std::string_view bytes, std::size_t offset, std::string_view rest) {
  return fmt::format("line {}: byte 0x{:02x} is not valid {}", line_of_byte(bytes, offset),
                     static_cast<unsigned char>(bytes[offset]), rest);
}

std::optional<std::string> not_python(std::string_view bytes) {
  if (bytes.size() > SourceFile::kMaxBytes) {
    return fmt::format("larger than {} MiB: not a DAG", SourceFile::kMaxBytes >> 20);
  }
  if (const auto bom = foreign_bom(bytes); !bom.empty()) {
    return fmt::format("starts with a byte order mark of {}, which Python cannot read", bom);
  }
  if (const std::size_t nul = bytes.find('\0'); nul != std::string_view::npos) {
    return fmt::format("contains a NUL byte at offset {}: not a Python source file", nul);
  }
  return std::nullopt;
}

struct Declared {
  const Codec* codec = nullptr;
  bool by_coding_line = false;
};

std::expected<Declared, std::string> declared_encoding(std::string_view bytes) {
  const bool has_bom = bytes.starts_with(kBom);
  const auto coding = find_coding_line(has_bom ? bytes.substr(kBom.size()) : bytes);
  if (!coding) return Declared{find_codec("utf-8"), false};
  const Codec* const codec = find_codec(coding->name);
  if (!codec) {
    return std::unexpected(
        fmt::format("line {}: unknown or unsupported encoding \"{}\"", coding->line, coding->name));
  }
  if (has_bom && !codec->is_utf8()) {
    return std::unexpected(fmt::format(
        "line {}: encoding {} in a file with a UTF-8 byte order mark", coding->line, codec->name));
  }
  return Declared{codec, true};
}

std::optional<std::string> utf8_problem(std::string_view bytes, bool by_coding_line) {
  const std::size_t valid = valid_utf8_prefix(bytes);
  if (valid == bytes.size()) return std::nullopt;
  return not_valid(bytes, valid,
                   by_coding_line || bytes.starts_with(kBom)
                       ? "UTF-8, which the file says it is written in"
                       : "UTF-8 and no PEP 263 line names another encoding");
}

std::expected<DecodedText, std::string> decode_declared(std::string_view bytes,
                                                        const Codec& codec) {
  auto decoded = decode_text(bytes, codec);
  if (decoded) return *std::move(decoded);
  const std::optional<std::size_t> offset = decoded.error().offset;
  if (!offset) {
    return std::unexpected(
        fmt::format("the C library of this system cannot convert {}", codec.name));
  }
  return std::unexpected(
      not_valid(bytes, *offset, fmt::format("{}, which the PEP 263 line names", codec.name)));
}

bool is_ascii(std::string_view bytes) {
  return std::ranges::none_of(bytes, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

std::uint32_t code_points(std::string_view text) {
  return static_cast<std::uint32_t>(
      std::ranges::count_if(text, [](char c) { return !is_continuation(c); }));
}

// Characters of four bytes are those that need a surrogate pair.
std::uint32_t utf16_units(std::string_view text) {
  return code_points(text) + static_cast<std::uint32_t>(std::ranges::count_if(text, [](char c) {
           return static_cast<unsigned char>(c) >= 0xf0;
         }));
}

}  // namespace

std::expected<SourceFile, std::string> SourceFile::decode(std::string path, std::string bytes) {
  if (auto problem = not_python(bytes)) return std::unexpected(*std::move(problem));
  const auto declared = declared_encoding(bytes);
  if (!declared) return std::unexpected(declared.error());
  const Codec& codec = *declared->codec;

  SourceFile file;
  if (codec.is_utf8()) {
    if (auto problem = utf8_problem(bytes, declared->by_coding_line)) {
      return std::unexpected(*std::move(problem));
    }
  } else if (!is_ascii(bytes)) {
    auto decoded = decode_declared(bytes, codec);
    if (!decoded) return std::unexpected(decoded.error());
    file.text_ = std::move(decoded->text);
    file.byte_offsets_ = std::move(decoded->byte_offsets);
  }
  file.path_ = std::move(path);
  file.bytes_ = std::move(bytes);
  file.encoding_ = codec.name;
  file.line_starts_ = find_line_starts(file.text());
  return file;
}

std::optional<std::string> SourceFile::problem(std::string_view bytes) {
  if (auto problem = not_python(bytes)) return problem;
  const auto declared = declared_encoding(bytes);
  if (!declared) return declared.error();
  if (declared->codec->is_utf8()) return utf8_problem(bytes, declared->by_coding_line);
  if (is_ascii(bytes)) return std::nullopt;
  const auto decoded = decode_declared(bytes, *declared->codec);
  if (!decoded) return decoded.error();
  return std::nullopt;
}

SourceFile SourceFile::from_utf8(std::string path, std::string text) {
  SourceFile file;
  file.path_ = std::move(path);
  file.bytes_ = std::move(text);
  file.encoding_ = "utf-8";
  file.line_starts_ = find_line_starts(file.text());
  return file;
}

bool SourceFile::has_bom() const { return text().starts_with(kBom); }

std::uint32_t SourceFile::line_index(std::uint32_t offset) const {
  const auto after = std::ranges::upper_bound(line_starts_, offset);
  return static_cast<std::uint32_t>(after - line_starts_.begin()) - 1;
}

std::string_view SourceFile::line_before(std::uint32_t index, std::uint32_t offset) const {
  assert(offset <= text().size());
  const std::uint32_t begin = line(index + 1).begin;
  return offset <= begin ? std::string_view() : text().substr(begin, offset - begin);
}

LineColumn SourceFile::line_column(std::uint32_t offset) const {
  const std::uint32_t index = line_index(offset);
  return {index + 1, code_points(line_before(index, offset)) + 1};
}

LineColumn SourceFile::utf16_position(std::uint32_t offset) const {
  const std::uint32_t index = line_index(offset);
  return {index, utf16_units(line_before(index, offset))};
}

ByteRange SourceFile::line(std::uint32_t number) const {
  assert(number >= 1 && number <= line_count());
  ByteRange range{line_starts_[number - 1], static_cast<std::uint32_t>(text().size())};
  if (number < line_count()) {
    range.end = line_starts_[number] - 1;
    const bool crlf = range.end > range.begin && text().substr(range.end - 1, 2) == "\r\n";
    if (crlf) --range.end;
  }
  if (number == 1 && has_bom()) range.begin += static_cast<std::uint32_t>(kBom.size());
  return range;
}

std::expected<std::string, std::string> SourceFile::encode_with(std::span<const Edit> edits) const {
  const Codec& codec = *find_codec(encoding_);
  const auto byte_offset = [this](std::uint32_t offset) {
    return bytes_are_text() ? offset : byte_offsets_[offset];
  };
  std::vector<Edit> byte_edits;
  byte_edits.reserve(edits.size());
  for (const Edit& edit : edits) {
    auto encoded = encode_text(edit.text, codec);
    if (!encoded) return std::unexpected(encoded.error());
    byte_edits.push_back(
        {{byte_offset(edit.range.begin), byte_offset(edit.range.end)}, *std::move(encoded)});
  }
  return apply_edits(bytes_, byte_edits);
}

std::string apply_edits(std::string_view text, std::span<const Edit> edits) {
  std::size_t size = text.size();
  for (const Edit& edit : edits) size += edit.text.size();
  std::string result;
  result.reserve(size);
  std::uint32_t copied = 0;
  for (const Edit& edit : edits) {
    assert(copied <= edit.range.begin && edit.range.begin <= edit.range.end);
    assert(edit.range.end <= text.size());
    result += text.substr(copied, edit.range.begin - copied);
    result += edit.text;
    copied = edit.range.end;
  }
  result += text.substr(copied);
  return result;
}

}  // namespace dagfix

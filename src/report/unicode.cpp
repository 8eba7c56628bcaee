#include "report/unicode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "text/encoding.hpp"

namespace dagfix {
namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// East Asian Width W and F of Unicode 14; gaps that no character fills are closed.
constexpr auto kWide = std::to_array<Range>({
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},   {0x23e9, 0x23ec},
    {0x23f0, 0x23f0},   {0x23f3, 0x23f3},   {0x25fd, 0x25fe},   {0x2614, 0x2615},
    {0x2648, 0x2653},   {0x267f, 0x267f},   {0x2693, 0x2693},   {0x26a1, 0x26a1},
    {0x26aa, 0x26ab},   {0x26bd, 0x26be},   {0x26c4, 0x26c5},   {0x26ce, 0x26ce},
    {0x26d4, 0x26d4},   {0x26ea, 0x26ea},   {0x26f2, 0x26f3},   {0x26f5, 0x26f5},
    {0x26fa, 0x26fa},   {0x26fd, 0x26fd},   {0x2705, 0x2705},   {0x270a, 0x270b},
    {0x2728, 0x2728},   {0x274c, 0x274c},   {0x274e, 0x274e},   {0x2753, 0x2755},
    {0x2757, 0x2757},   {0x2795, 0x2797},   {0x27b0, 0x27b0},   {0x27bf, 0x27bf},
    {0x2b1b, 0x2b1c},   {0x2b50, 0x2b50},   {0x2b55, 0x2b55},   {0x2e80, 0x3029},
    {0x302e, 0x303e},   {0x3041, 0x3096},   {0x309b, 0x3247},   {0x3250, 0x4dbf},
    {0x4e00, 0xa4c6},   {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfad9},
    {0xfe10, 0xfe19},   {0xfe30, 0xfe6b},   {0xff01, 0xff60},   {0xffe0, 0xffe6},
    {0x16fe0, 0x16fe3}, {0x16ff0, 0x1b2fb}, {0x1f004, 0x1f004}, {0x1f0cf, 0x1f0cf},
    {0x1f18e, 0x1f18e}, {0x1f191, 0x1f19a}, {0x1f200, 0x1f320}, {0x1f32d, 0x1f335},
    {0x1f337, 0x1f37c}, {0x1f37e, 0x1f393}, {0x1f3a0, 0x1f3ca}, {0x1f3cf, 0x1f3d3},
    {0x1f3e0, 0x1f3f0}, {0x1f3f4, 0x1f3f4}, {0x1f3f8, 0x1f43e}, {0x1f440, 0x1f440},
    {0x1f442, 0x1f4fc}, {0x1f4ff, 0x1f53d}, {0x1f54b, 0x1f54e}, {0x1f550, 0x1f567},
    {0x1f57a, 0x1f57a}, {0x1f595, 0x1f596}, {0x1f5a4, 0x1f5a4}, {0x1f5fb, 0x1f64f},
    {0x1f680, 0x1f6c5}, {0x1f6cc, 0x1f6cc}, {0x1f6d0, 0x1f6d2}, {0x1f6d5, 0x1f6df},
    {0x1f6eb, 0x1f6ec}, {0x1f6f4, 0x1f6fc}, {0x1f7e0, 0x1f7f0}, {0x1f90c, 0x1f93a},
    {0x1f93c, 0x1f945}, {0x1f947, 0x1f9ff}, {0x1fa70, 0x1faf6}, {0x20000, 0x3134a},
});

// Combining marks, joiners and variation selectors. Marks of Indic and South-East Asian scripts
// are left out: terminals do not agree on them.
constexpr auto kZero = std::to_array<Range>({
    {0x0300, 0x036f},   {0x0483, 0x0489},   {0x0591, 0x05bd}, {0x05bf, 0x05bf}, {0x05c1, 0x05c2},
    {0x05c4, 0x05c5},   {0x05c7, 0x05c7},   {0x0610, 0x061a}, {0x064b, 0x065f}, {0x0670, 0x0670},
    {0x06d6, 0x06dc},   {0x06df, 0x06e4},   {0x06e7, 0x06e8}, {0x06ea, 0x06ed}, {0x1160, 0x11ff},
    {0x1ab0, 0x1ace},   {0x1dc0, 0x1dff},   {0x200b, 0x200d}, {0x2060, 0x2064}, {0x20d0, 0x20f0},
    {0x302a, 0x302d},   {0x3099, 0x309a},   {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
    {0xe0001, 0xe007f}, {0xe0100, 0xe01ef},
});

bool contains(std::span<const Range> ranges, char32_t c) {
  const auto range = std::ranges::lower_bound(ranges, c, {}, &Range::last);
  return range != ranges.end() && range->first <= c;
}

std::string escape(char32_t c) {
  switch (c) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  const auto value = static_cast<unsigned>(c);
  return value < 0x80 ? fmt::format("\\x{:02x}", value) : fmt::format("\\u{:04x}", value);
}

template <typename Replacement>
std::string replace_invalid(std::string_view text, Replacement replacement) {
  std::string result;
  for (;;) {
    const std::size_t valid = valid_utf8_prefix(text);
    result += text.substr(0, valid);
    if (valid == text.size()) return result;
    result += replacement(static_cast<unsigned char>(text[valid]));
    text.remove_prefix(valid + 1);
  }
}

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto byte = [&] { return static_cast<unsigned char>(text[at++]); };
  const unsigned lead = byte();
  if (lead < 0x80) return lead;
  const int more = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  char32_t c = lead & (0x3fu >> more);
  for (int i = 0; i < more && at < text.size(); ++i) c = (c << 6) | (byte() & 0x3fu);
  return c;
}

std::string_view take_code_points(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (count-- > 0 && at < text.size()) next_code_point(text, at);
  return text.substr(0, at);
}

int cell_width(char32_t c) {
  if (c < kZero.front().first) return 1;
  if (contains(kZero, c)) return 0;
  return contains(kWide, c) ? 2 : 1;
}

std::size_t cell_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    width += static_cast<std::size_t>(cell_width(next_code_point(text, at)));
  }
  return width;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  std::size_t used = 0;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    const std::size_t size = cell_width(word);
    if (lines.back().empty()) {
      used = size;
    } else if (used + 1 + size <= width) {
      lines.back() += ' ';
      used += 1 + size;
    } else {
      lines.emplace_back();
      used = size;
    }
    lines.back() += word;
  }
  return lines;
}

bool is_control(char32_t c) {
  if (c >= ' ' && c < 0x7f) return false;
  constexpr auto kControls = std::to_array<Range>({
      {0x0000, 0x001f},
      {0x007f, 0x009f},
      {0x061c, 0x061c},
      {0x200e, 0x200f},
      {0x2028, 0x202e},
      {0x2066, 0x2069},
  });
  return contains(kControls, c);
}

std::string valid_utf8(std::string_view text) {
  return replace_invalid(text, [](unsigned char byte) { return fmt::format("\\x{:02x}", byte); });
}

std::string lossy_utf8(std::string_view text) {
  return replace_invalid(text, [](unsigned char) { return "\ufffd"; });
}

std::string printable(std::string_view text, std::string_view kept) {
  const auto is_plain = [](char c) { return c >= ' ' && c < 0x7f; };
  if (std::ranges::all_of(text, is_plain)) return std::string(text);
  const std::string valid = valid_utf8(text);
  std::string result;
  for (std::size_t at = 0; at < valid.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(valid, at);
    const std::string_view character = std::string_view(valid).substr(begin, at - begin);
    if (is_control(c) && kept.find(character) == std::string_view::npos) {
      result += escape(c);
    } else {
      result += character;
    }
  }
  return result;
}

}  // namespace dagfix

#include "report/fingerprint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "report/unicode.hpp"

namespace dagfix {
namespace {

constexpr std::uint64_t kBase = 37;
constexpr std::size_t kWindow = 100;

constexpr std::uint64_t kPower = [] {
  std::uint64_t power = 1;
  for (std::size_t i = 0; i < kWindow; ++i) power *= kBase;
  return power;
}();

// The characters of a file as the line hash sees them.
struct HashedText {
  std::vector<std::uint16_t> units;      // UTF-16, no spaces and tabs, every line end as LF.
  std::vector<std::size_t> line_starts;  // Indexes into `units`.
};

// As much of `text` as the hashes of its first `lines` lines need.
HashedText hashed_text(std::string_view text, std::size_t lines) {
  HashedText result{{}, {0}};
  result.units.reserve(text.size() + kWindow + 1);
  bool after_cr = false;
  for (std::size_t at = 0; at < text.size();) {
    const auto byte = static_cast<unsigned char>(text[at]);
    const char32_t c = byte < 0x80 ? (++at, byte) : next_code_point(text, at);
    const bool skipped = c == ' ' || c == '\t' || (c == '\n' && after_cr);
    after_cr = c == '\r';
    if (skipped) continue;
    if (c == '\r' || c == '\n') {
      result.units.push_back('\n');
      result.line_starts.push_back(result.units.size());
      const bool enough = result.line_starts.size() > lines &&
                          result.units.size() >= result.line_starts[lines - 1] + kWindow;
      if (enough) break;
    } else if (c < 0x10000) {
      result.units.push_back(static_cast<std::uint16_t>(c));
    } else {
      result.units.push_back(static_cast<std::uint16_t>(0xd800 + ((c - 0x10000) >> 10)));
      result.units.push_back(static_cast<std::uint16_t>(0xdc00 | (c & 0x3ff)));
    }
  }
  result.units.push_back(0xffff);
  result.units.resize(result.units.size() + kWindow);
  return result;
}

}  // namespace

StableHash& StableHash::add(std::string_view field) {
  const auto mix = [this](unsigned char byte) { value_ = (value_ ^ byte) * 0x100000001b3u; };
  for (const char c : field) mix(static_cast<unsigned char>(c));
  mix(0);
  return *this;
}

StableHash& StableHash::add(std::uint64_t number) { return add(fmt::format("{}", number)); }

std::string StableHash::hex() const { return fmt::format("{:016x}", value_); }

std::string collapse_space(std::string_view line) {
  constexpr std::string_view kSpace = " \t\f\v\r\n";
  std::string result;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(kSpace), line.size()));
    if (line.empty()) return result;
    const std::size_t word = std::min(line.find_first_of(kSpace), line.size());
    if (!result.empty()) result += ' ';
    result += line.substr(0, word);
    line.remove_prefix(word);
  }
}

std::vector<std::string> line_hashes(std::string_view text, std::span<const std::uint32_t> lines) {
  if (lines.empty()) return {};
  const auto [units, line_starts] = hashed_text(text, lines.back());
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < kWindow; ++i) hash = hash * kBase + units[i];

  std::vector<std::string> result;
  result.reserve(lines.size());
  std::unordered_map<std::uint64_t, std::uint32_t> seen(line_starts.size());
  std::size_t at = 0;
  for (std::uint32_t line = 1; result.size() < lines.size(); ++line) {
    for (; at < line_starts[line - 1]; ++at) {
      hash = hash * kBase + units[at + kWindow] - units[at] * kPower;
    }
    const std::uint32_t ordinal = ++seen[hash];
    while (result.size() < lines.size() && lines[result.size()] == line) {
      result.push_back(fmt::format("{:x}:{}", hash, ordinal));
    }
  }
  return result;
}

}  // namespace dagfix

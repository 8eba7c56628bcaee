#include "report/fingerprint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "report/unicode.hpp"

namespace dagfix {
namespace {

constexpr std::uint64_t kBase = 37;
constexpr int kWindow = 100;

constexpr std::uint64_t kPower = [] {
  std::uint64_t power = 1;
  for (int i = 0; i < kWindow; ++i) power *= kBase;
  return power;
}();

// The characters of a file as the line hash sees them: UTF-16 code units without spaces and tabs,
// every line end as LF; behind the end one 0xffff and then zeros.
class HashedText {
 public:
  explicit HashedText(std::string_view text) : text_(text) {}

  /// Whether all characters, the 0xffff included, are taken.
  bool at_end() const { return ended_; }
  bool at_line_start() const { return last_ == '\n'; }
  /// Polynomial hash of all characters taken so far.
  std::uint64_t hash() const { return hash_; }

  void take() {
    last_ = next();
    hash_ = hash_ * kBase + last_;
  }

 private:
  std::uint16_t next() {
    if (low_surrogate_ != 0) return std::exchange(low_surrogate_, std::uint16_t{0});
    while (at_ < text_.size()) {
      const char32_t c = next_code_point(text_, at_);
      const bool after_cr = std::exchange(after_cr_, c == '\r');
      if (c == ' ' || c == '\t' || (c == '\n' && after_cr)) continue;
      return c == '\r' ? std::uint16_t{'\n'} : first_unit(c);
    }
    return std::exchange(ended_, true) ? 0 : 0xffff;
  }

  std::uint16_t first_unit(char32_t c) {
    if (c < 0x10000) return static_cast<std::uint16_t>(c);
    low_surrogate_ = static_cast<std::uint16_t>(0xdc00 | (c & 0x3ff));
    return static_cast<std::uint16_t>(0xd800 + ((c - 0x10000) >> 10));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint64_t hash_ = 0;
  std::uint16_t last_ = '\n';
  std::uint16_t low_surrogate_ = 0;
  bool after_cr_ = false;
  bool ended_ = false;
};

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

std::vector<std::string> line_hashes(std::string_view text, std::uint32_t last) {
  std::vector<std::string> result;
  std::unordered_map<std::uint64_t, std::uint32_t> seen;
  HashedText behind(text);
  HashedText ahead(text);
  for (int i = 0; i < kWindow; ++i) ahead.take();
  while (result.size() < last && !behind.at_end()) {
    if (behind.at_line_start()) {
      const std::uint64_t hash = ahead.hash() - behind.hash() * kPower;
      result.push_back(fmt::format("{:x}:{}", hash, ++seen[hash]));
    }
    behind.take();
    ahead.take();
  }
  return result;
}

}  // namespace dagfix

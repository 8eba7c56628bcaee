#include "text/encoding.hpp"

#include <fmt/format.h>
#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace dagfix {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

std::string_view first_line(std::string_view bytes) {
  return bytes.substr(0, bytes.find_first_of("\r\n"));
}

std::string_view after_first_line(std::string_view bytes) {
  const std::size_t end = bytes.find_first_of("\r\n");
  if (end == std::string_view::npos) return {};
  return bytes.substr(end + (bytes.substr(end).starts_with("\r\n") ? 2 : 1));
}

// The line from its `#` on; empty if it is blank; nothing if it holds code.
std::optional<std::string_view> comment_of(std::string_view line) {
  while (!line.empty() && is_blank(line.front())) line.remove_prefix(1);
  if (line.empty() || line.front() == '#') return line;
  return std::nullopt;
}

// coding[:=][ \t]*([-_.a-zA-Z0-9]+)
std::optional<std::string_view> coding_in(std::string_view comment) {
  constexpr std::string_view kWord = "coding";
  for (std::size_t at = comment.find(kWord); at != std::string_view::npos;
       at = comment.find(kWord, at + 1)) {
    std::string_view rest = comment.substr(at + kWord.size());
    if (rest.empty() || (rest.front() != ':' && rest.front() != '=')) continue;
    rest.remove_prefix(1);
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\t')) rest.remove_prefix(1);
    std::size_t length = 0;
    while (length < rest.size() && is_name(rest[length])) ++length;
    if (length > 0) return rest.substr(0, length);
  }
  return std::nullopt;
}

// Length of the character at the beginning of `bytes` if it is well-formed, else 0 (RFC 3629).
std::size_t utf8_character(std::string_view bytes) {
  const auto at = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u;
  };
  const auto continues = [&](std::size_t i) { return (at(i) & 0xc0) == 0x80; };
  const unsigned lead = at(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead <= 0xdf) return continues(1) ? 2 : 0;
  if (lead >= 0xe0 && lead <= 0xef) {
    const bool overlong = lead == 0xe0 && at(1) < 0xa0;
    const bool surrogate = lead == 0xed && at(1) >= 0xa0;
    return !overlong && !surrogate && continues(1) && continues(2) ? 3 : 0;
  }
  if (lead >= 0xf0 && lead <= 0xf4) {
    const bool overlong = lead == 0xf0 && at(1) < 0x90;
    const bool too_large = lead == 0xf4 && at(1) >= 0x90;
    return !overlong && !too_large && continues(1) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

std::uint32_t code_point(std::string_view character) {
  if (character.size() == 1) return static_cast<unsigned char>(character[0]);
  std::uint32_t value = static_cast<unsigned char>(character[0]) & (0x7fu >> character.size());
  for (const char c : character.substr(1)) value = value << 6 | (static_cast<unsigned>(c) & 0x3f);
  return value;
}

class Converter {
 public:
  enum class Result { done, incomplete, invalid };

  Converter(const std::string& to, const std::string& from)
      : handle_(iconv_open(to.c_str(), from.c_str())) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }

  bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  // Appends one character. The second call makes glibc hand out what it holds back in order to
  // compose it with a following accent (cp1255, cp1258).
  Result convert(std::string_view character, std::string& out) {
    std::array<char, 64> buffer{};
    char* target = buffer.data();
    std::size_t room = buffer.size();
    char* source = const_cast<char*>(character.data());
    std::size_t left = character.size();
    constexpr auto kFailed = static_cast<std::size_t>(-1);
    if (iconv(handle_, &source, &left, &target, &room) == kFailed) {
      const Result result = errno == EINVAL ? Result::incomplete : Result::invalid;
      iconv(handle_, nullptr, nullptr, nullptr, nullptr);
      return result;
    }
    if (iconv(handle_, nullptr, nullptr, &target, &room) == kFailed) return Result::invalid;
    out.append(buffer.data(), buffer.size() - room);
    return Result::done;
  }

 private:
  iconv_t handle_;
};

// Converts the character at `at` and says how many bytes it has; 0 if there is none.
std::size_t decode_character(Converter& converter, std::string_view bytes, std::size_t at,
                             std::string& text) {
  constexpr std::size_t kLongest = 4;
  for (std::size_t length = 1; length <= kLongest && at + length <= bytes.size(); ++length) {
    switch (converter.convert(bytes.substr(at, length), text)) {
      case Converter::Result::done:
        return length;
      case Converter::Result::incomplete:
        continue;
      case Converter::Result::invalid:
        return 0;
    }
  }
  return 0;
}

}  // namespace

std::optional<CodingLine> find_coding_line(std::string_view bytes) {
  const std::optional<std::string_view> first = comment_of(first_line(bytes));
  if (!first) return std::nullopt;
  if (const auto name = coding_in(*first)) return CodingLine{*name, 1};
  const std::optional<std::string_view> second = comment_of(first_line(after_first_line(bytes)));
  if (!second) return std::nullopt;
  if (const auto name = coding_in(*second)) return CodingLine{*name, 2};
  return std::nullopt;
}

std::size_t valid_utf8_prefix(std::string_view bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080u;
  std::size_t at = 0;
  while (at < bytes.size()) {
    std::array<std::uint64_t, 4> block{};
    while (bytes.size() - at >= sizeof(block)) {
      std::memcpy(block.data(), bytes.data() + at, sizeof(block));
      if (((block[0] | block[1] | block[2] | block[3]) & kHighBits) != 0) break;
      at += sizeof(block);
    }
    const std::size_t stop = std::min(bytes.size(), at + sizeof(block));
    while (at < stop) {
      const std::size_t length = utf8_character(bytes.substr(at));
      if (length == 0) return at;
      at += length;
    }
  }
  return at;
}

std::expected<DecodedText, DecodeError> decode_text(std::string_view bytes, const Codec& codec) {
  Converter converter("UTF-8", std::string(codec.iconv));
  if (!converter.is_open()) return std::unexpected(DecodeError{});
  DecodedText result;
  result.text.reserve(bytes.size() + bytes.size() / 8);
  result.byte_offsets.reserve(bytes.size() + bytes.size() / 8 + 1);
  for (std::size_t at = 0; at < bytes.size();) {
    std::size_t length = 1;
    // Not asked of iconv: to glibc a backslash in Shift-JIS is a yen sign, to CPython it is not.
    if (static_cast<unsigned char>(bytes[at]) < 0x80) {
      result.text += bytes[at];
    } else {
      length = decode_character(converter, bytes, at, result.text);
      if (length == 0) return std::unexpected(DecodeError{at});
    }
    result.byte_offsets.resize(result.text.size(), static_cast<std::uint32_t>(at));
    at += length;
  }
  result.byte_offsets.push_back(static_cast<std::uint32_t>(bytes.size()));
  return result;
}

std::expected<std::string, std::string> encode_text(std::string_view text, const Codec& codec) {
  std::string result;
  std::optional<Converter> converter;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_character(text.substr(at));
    if (length == 0) return std::unexpected("text to be inserted is not valid UTF-8");
    const std::string_view character = text.substr(at, length);
    at += length;
    if (length == 1 || codec.is_utf8()) {
      result += character;
      continue;
    }
    if (!converter) converter.emplace(std::string(codec.iconv), "UTF-8");
    std::string encoded;
    const bool done =
        converter->is_open() && converter->convert(character, encoded) == Converter::Result::done;
    // An ASCII byte would be read back as another character: glibc's Shift-JIS has the yen sign
    // where Python has the backslash.
    if (!done || (encoded.size() == 1 && static_cast<unsigned char>(encoded[0]) < 0x80)) {
      return std::unexpected(fmt::format("the character U+{:04X} cannot be written in {}",
                                         code_point(character), codec.name));
    }
    result += encoded;
  }
  return result;
}

}  // namespace dagfix

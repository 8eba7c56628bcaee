#include "report/xml.hpp"

#include "report/unicode.hpp"

namespace dagfix {

namespace {

// XML 1.0 has no way at all to write these, escaped or not.
bool is_forbidden(char32_t c) {
  return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xfffe || c == 0xffff;
}

}  // namespace

std::string xml(std::string_view text) {
  const std::string valid = valid_utf8(text);
  std::string result;
  for (std::size_t at = 0; at < valid.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(valid, at);
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\t':
        result += "&#9;";
        break;
      case '\n':
        result += "&#10;";
        break;
      case '\r':
        result += "&#13;";
        break;
      default:
        if (!is_forbidden(c)) result += valid.substr(begin, at - begin);
    }
  }
  return result;
}

}  // namespace dagfix

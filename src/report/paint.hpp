#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "dagfix/finding.hpp"

namespace dagfix {

/// ANSI colours, or none.
class Paint {
 public:
  explicit Paint(bool color) : color_(color) {}

  std::string bold(std::string_view text) const { return with("1", text); }
  std::string dim(std::string_view text) const { return with("2", text); }
  std::string red(std::string_view text) const { return with("31", text); }
  std::string green(std::string_view text) const { return with("32", text); }
  std::string yellow(std::string_view text) const { return with("33", text); }
  std::string cyan(std::string_view text) const { return with("36", text); }

  std::string by(Severity severity, std::string_view text) const {
    switch (severity) {
      case Severity::info:
        return with("1;36", text);
      case Severity::warning:
        return with("1;33", text);
      case Severity::error:
        return with("1;31", text);
    }
    return std::string(text);
  }

 private:
  std::string with(std::string_view code, std::string_view text) const {
    return color_ ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
  }

  bool color_;
};

}  // namespace dagfix

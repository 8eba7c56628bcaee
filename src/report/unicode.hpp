#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace dagfix {

/// The code point at `text[at]`; moves `at` behind it. `text` is valid UTF-8 and longer than `at`.
char32_t next_code_point(std::string_view text, std::size_t& at);

/// The first `count` code points of valid UTF-8.
std::string_view take_code_points(std::string_view text, std::size_t count);

/// Cells that a terminal needs for a code point: 0, 1 or 2.
int cell_width(char32_t c);

/// Cells that a terminal needs for valid UTF-8.
std::size_t cell_width(std::string_view text);

/// `text` (valid UTF-8) broken at spaces into lines of at most `width` cells, at least one; a
/// longer word has its own line.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

/// Whether a terminal takes `c` for an order instead of showing it: control characters, line and
/// paragraph separators, and those that change the direction of the text around them.
bool is_control(char32_t c);

/// `text` as valid UTF-8: a byte that belongs to no character is written as "\xff".
std::string valid_utf8(std::string_view text);

/// The same with U+FFFD for each such byte.
std::string lossy_utf8(std::string_view text);

/// `text` on one line of a terminal: valid UTF-8, and control characters are written as in Python
/// ("\n", "\x1b", "\u202e"), but for those in `kept`.
std::string printable(std::string_view text, std::string_view kept = {});

}  // namespace dagfix

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace dagfix {

/// A source line as a terminal shows it, and the place in it.
struct Snippet {
  std::string text;       ///< No tabs, no control characters; cut with "…" where it is too long.
  std::size_t begin = 0;  ///< Cells before the place.
  std::size_t width = 1;  ///< Cells of the place that are shown; at least one.
};

/// Fits `line` (valid UTF-8) into `max_width` cells around the code points [begin, end) of it.
/// The place may be empty, and may be right behind the line.
Snippet make_snippet(std::string_view line, std::size_t begin, std::size_t end,
                     std::size_t max_width);

}  // namespace dagfix

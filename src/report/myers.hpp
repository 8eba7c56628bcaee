#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace dagfix {

/// Lines [before_begin, before_end) of one text are replaced by [after_begin, after_end) of the
/// other; one of the ranges may be empty. Lines count from 0.
struct LineChange {
  std::size_t before_begin = 0;
  std::size_t before_end = 0;
  std::size_t after_begin = 0;
  std::size_t after_end = 0;
};

/// The changes between two texts, in order, not touching each other. As few lines as possible
/// (Myers, linear space) unless the texts differ in thousands of lines: then the time is bounded
/// and more lines than needed may be replaced.
std::vector<LineChange> diff_lines(std::span<const std::string_view> before,
                                   std::span<const std::string_view> after);

}  // namespace dagfix

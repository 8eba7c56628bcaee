#include "report/snippet.hpp"

#include <algorithm>
#include <vector>

#include "report/unicode.hpp"

namespace dagfix {
namespace {

constexpr std::size_t kTab = 4;
constexpr std::string_view kCut = "…";

struct Cell {
  std::string text;
  std::size_t width = 0;
};

// What a terminal obeys must not reach it: C0 controls get their pictures, the rest U+FFFD.
std::string visible_control(char32_t c) {
  if (c == 0x7f) return "\u2421";
  if (c > 0x1f) return "\ufffd";
  std::string picture = "\u2400";
  picture.back() = static_cast<char>(static_cast<unsigned char>(picture.back()) + c);
  return picture;
}

std::vector<Cell> split_cells(std::string_view line) {
  std::vector<Cell> cells;
  std::size_t column = 0;
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t begin = at;
    const char32_t c = next_code_point(line, at);
    if (c == '\t') {
      const std::size_t width = kTab - column % kTab;
      cells.push_back({std::string(width, ' '), width});
    } else if (is_control(c)) {
      cells.push_back({visible_control(c), 1});
    } else {
      cells.push_back(
          {std::string(line.substr(begin, at - begin)), static_cast<std::size_t>(cell_width(c))});
    }
    column += cells.back().width;
  }
  return cells;
}

// Half-open range of the cells that are shown.
struct Window {
  std::size_t begin = 0;
  std::size_t end = 0;
};

class Layout {
 public:
  Layout(const std::vector<Cell>& cells, std::size_t max_width) : max_(max_width) {
    columns_.reserve(cells.size() + 1);
    columns_.push_back(0);
    for (const Cell& cell : cells) columns_.push_back(columns_.back() + cell.width);
  }

  std::size_t width(std::size_t begin, std::size_t end) const {
    return columns_[end] - columns_[begin];
  }

  /// As much as possible from the line's begin on if the place is in it, else with the place's
  /// begin after a third of the width.
  Window window(std::size_t begin, std::size_t end) const {
    const std::size_t count = columns_.size() - 1;
    if (columns_[count] <= max_) return {0, count};
    if (width(0, end) < max_) return {0, last_that_fits(0, max_ - 1)};
    const std::size_t wanted = std::max(max_ / 3, max_ - std::min(max_, width(begin, count) + 2));
    const std::size_t first = first_that_fits(begin, wanted);
    if (width(first, count) + 1 <= max_) return {first, count};
    return {first, last_that_fits(first, max_ - 2)};
  }

 private:
  std::size_t last_that_fits(std::size_t begin, std::size_t most) const {
    const auto after = std::ranges::upper_bound(columns_, columns_[begin] + most);
    return static_cast<std::size_t>(after - columns_.begin()) - 1;
  }

  std::size_t first_that_fits(std::size_t end, std::size_t most) const {
    if (columns_[end] <= most) return 0;
    const auto first = std::ranges::lower_bound(columns_, columns_[end] - most);
    return static_cast<std::size_t>(first - columns_.begin());
  }

  std::size_t max_;
  std::vector<std::size_t> columns_;
};

}  // namespace

Snippet make_snippet(std::string_view line, std::size_t begin, std::size_t end,
                     std::size_t max_width) {
  const std::vector<Cell> cells = split_cells(line);
  begin = std::min(begin, cells.size());
  end = std::clamp(end, begin, cells.size());
  const Layout layout(cells, max_width);
  const Window window = layout.window(begin, end);

  Snippet snippet;
  if (window.begin > 0) snippet.text += kCut;
  for (std::size_t i = window.begin; i < window.end; ++i) snippet.text += cells[i].text;
  if (window.end < cells.size()) snippet.text += kCut;
  snippet.begin = layout.width(window.begin, begin) + (window.begin > 0 ? 1 : 0);
  snippet.width = std::max<std::size_t>(1, layout.width(begin, std::min(end, window.end)));
  return snippet;
}

}  // namespace dagfix

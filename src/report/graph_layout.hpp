#pragma once

#include <cstddef>
#include <vector>

namespace dagfix {

/// A point in pixels; y grows downwards.
struct Point {
  double x = 0;
  double y = 0;
};

/// A box to be placed. The caller sets its size, lay_out() its place.
struct LayoutBox {
  double width = 0;
  double height = 0;
  double x = 0;
  double y = 0;
};

/// An arrow between two boxes. lay_out() sets its points: it leaves the first one and enters the
/// last one horizontally; between the points at odd and even places (1-2, 3-4 ...) it runs
/// straight.
struct LayoutArrow {
  std::size_t from = 0;
  std::size_t to = 0;
  std::vector<Point> points;
};

/// Places boxes in layers from left to right, so that arrows point to the right, and orders each
/// layer to avoid crossings (Sugiyama's method). Boxes do not overlap; an arrow that passes a layer
/// has a place of its own there. Returns the size of the whole. Cycles are allowed.
Point lay_out(std::vector<LayoutBox>& boxes, std::vector<LayoutArrow>& arrows);

}  // namespace dagfix

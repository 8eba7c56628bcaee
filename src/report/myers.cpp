#include "report/myers.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>

namespace dagfix {
namespace {

using Index = std::int64_t;

// Differences that one search follows from each side before it settles for a good split instead
// of the best one.
constexpr Index kMaxCost = 1024;
// A diagonal that no path has reached yet.
constexpr Index kNone = -1;

struct Point {
  Index x = 0;  // Lines of the text before.
  Index y = 0;  // Lines of the text after.
};

// A part of both texts that is compared.
struct Box {
  Point begin;
  Point end;

  Index width() const { return end.x - begin.x; }
  Index height() const { return end.y - begin.y; }
};

// How far the paths with the same number of differences come from one corner of the box, for
// each diagonal x - y.
class Front {
 public:
  Front() : furthest_(static_cast<std::size_t>(2 * kMaxCost + 5), kNone) {}

  Index& at(Index diagonal) { return furthest_[static_cast<std::size_t>(diagonal + kMaxCost + 2)]; }

  // The best start on a diagonal after one more difference; kNone if the box ends before it.
  Index start(Index diagonal, Index differences, Index width, Index height) {
    if (differences == 0) return 0;
    const Index down = at(diagonal + 1);
    const Index right = at(diagonal - 1);
    Index x = kNone;
    if (down != kNone && down - diagonal <= height) x = down;
    if (right != kNone && right + 1 <= width) x = std::max(x, right + 1);
    return x;
  }

  void widen(Index differences) { at(differences + 1) = at(-differences - 1) = kNone; }

 private:
  std::vector<Index> furthest_;
};

class Differ {
 public:
  Differ(std::span<const std::string_view> before, std::span<const std::string_view> after)
      : before_(before), after_(after) {}

  std::vector<LineChange> run() {
    compare({{}, {static_cast<Index>(before_.size()), static_cast<Index>(after_.size())}});
    return std::move(changes_);
  }

 private:
  bool same(Index x, Index y) const {
    return before_[static_cast<std::size_t>(x)] == after_[static_cast<std::size_t>(y)];
  }

  void compare(Box box) {
    auto& [begin, end] = box;
    while (box.width() > 0 && box.height() > 0 && same(begin.x, begin.y)) ++begin.x, ++begin.y;
    while (box.width() > 0 && box.height() > 0 && same(end.x - 1, end.y - 1)) --end.x, --end.y;
    if (box.width() == 0 || box.height() == 0) {
      add(box);
      return;
    }
    const Point split = find_split(box);
    compare({begin, split});
    compare({split, end});
  }

  void add(const Box& box) {
    if (box.width() == 0 && box.height() == 0) return;
    const LineChange change{
        static_cast<std::size_t>(box.begin.x), static_cast<std::size_t>(box.end.x),
        static_cast<std::size_t>(box.begin.y), static_cast<std::size_t>(box.end.y)};
    const bool touches = !changes_.empty() && changes_.back().before_end == change.before_begin &&
                         changes_.back().after_end == change.after_begin;
    if (touches) {
      changes_.back().before_end = change.before_end;
      changes_.back().after_end = change.after_end;
    } else {
      changes_.push_back(change);
    }
  }

  // A point inside of the box on a shortest path through it. The first lines differ and the last
  // lines differ, so the point is no corner and both parts are smaller.
  Point find_split(const Box& box) {
    for (Index differences = 0; differences <= kMaxCost; ++differences) {
      if (const auto split = step_forward(box, differences)) return *split;
      if (const auto split = step_backward(box, differences)) return *split;
    }
    return furthest_point(box);
  }

  std::optional<Point> step_forward(const Box& box, Index differences) {
    const Index delta = box.width() - box.height();
    forward_.widen(differences);
    for (Index k = -differences; k <= differences; k += 2) {
      Index x = forward_.start(k, differences, box.width(), box.height());
      if (x == kNone) {
        forward_.at(k) = kNone;
        continue;
      }
      while (x < box.width() && x - k < box.height() &&
             same(box.begin.x + x, box.begin.y + x - k)) {
        ++x;
      }
      forward_.at(k) = x;
      if (delta % 2 != 0 && meets(backward_, delta - k, differences - 1, x, box.width())) {
        return Point{box.begin.x + x, box.begin.y + x - k};
      }
    }
    return std::nullopt;
  }

  std::optional<Point> step_backward(const Box& box, Index differences) {
    const Index delta = box.width() - box.height();
    backward_.widen(differences);
    for (Index k = -differences; k <= differences; k += 2) {
      Index x = backward_.start(k, differences, box.width(), box.height());
      if (x == kNone) {
        backward_.at(k) = kNone;
        continue;
      }
      while (x < box.width() && x - k < box.height() &&
             same(box.end.x - x - 1, box.end.y - (x - k) - 1)) {
        ++x;
      }
      backward_.at(k) = x;
      if (delta % 2 == 0 && meets(forward_, delta - k, differences, x, box.width())) {
        return Point{box.end.x - x, box.end.y - (x - k)};
      }
    }
    return std::nullopt;
  }

  // Whether a path that came `x` far meets the other side's path on that side's diagonal.
  static bool meets(Front& other, Index diagonal, Index differences, Index x, Index width) {
    if (diagonal < -differences || diagonal > differences) return false;
    const Index other_x = other.at(diagonal);
    return other_x != kNone && x + other_x >= width;
  }

  Point furthest_point(const Box& box) {
    Point best = box.begin;
    Index best_length = 0;
    for (Index k = -kMaxCost; k <= kMaxCost; k += 2) {
      if (const Index x = forward_.at(k); x != kNone && 2 * x - k > best_length) {
        best_length = 2 * x - k;
        best = {box.begin.x + x, box.begin.y + x - k};
      }
      if (const Index x = backward_.at(k); x != kNone && 2 * x - k > best_length) {
        best_length = 2 * x - k;
        best = {box.end.x - x, box.end.y - (x - k)};
      }
    }
    return best;
  }

  std::span<const std::string_view> before_;
  std::span<const std::string_view> after_;
  std::vector<LineChange> changes_;
  Front forward_;
  Front backward_;
};

}  // namespace

std::vector<LineChange> diff_lines(std::span<const std::string_view> before,
                                   std::span<const std::string_view> after) {
  return Differ(before, after).run();
}

}  // namespace dagfix

#include "report/graph_layout.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>
#include <utility>

namespace dagfix {

namespace {

constexpr double kGapX = 56;  // between layers
constexpr double kGapPerArrow = 2.5;
constexpr double kMostGapX = 120;
constexpr double kGapY = 22;        // between boxes of a layer
constexpr double kLaneHeight = 12;  // of an arrow that passes a layer
constexpr double kPortMargin = 9;   // of arrows from the corners of a box
constexpr int kOrderRounds = 24;
constexpr int kPlaceRounds = 16;

/// A box, or the place of an arrow that passes a layer.
struct Item {
  std::size_t box = 0;
  bool is_lane = false;
  double height = 0;
  double y = 0;  // of its middle
  std::size_t layer = 0;
  std::vector<std::size_t> before;  // items of the layer to the left
  std::vector<std::size_t> after;
};

class Layout {
 public:
  Layout(std::vector<LayoutBox>& boxes, std::vector<LayoutArrow>& arrows)
      : boxes_(boxes), arrows_(arrows) {}

  Point run() {
    if (boxes_.empty()) return {};
    find_layers();
    make_items();
    order_layers();
    place_vertically();
    const Point size = place_horizontally();
    route();
    return size;
  }

 private:
  using Layer = std::vector<std::size_t>;

  // An arrow that closes a cycle is drawn backwards.
  void find_layers() {
    const std::size_t count = boxes_.size();
    std::vector<std::vector<std::size_t>> out(count);
    for (std::size_t i = 0; i < arrows_.size(); ++i) out[arrows_[i].from].push_back(i);
    is_back_.assign(arrows_.size(), false);
    std::vector<int> state(count, 0);
    const std::function<void(std::size_t)> visit = [&](std::size_t box) {
      state[box] = 1;
      for (const std::size_t arrow : out[box]) {
        const std::size_t to = arrows_[arrow].to;
        if (state[to] == 1) is_back_[arrow] = true;
        if (state[to] == 0) visit(to);
      }
      state[box] = 2;
    };
    for (std::size_t box = 0; box < count; ++box) {
      if (state[box] == 0) visit(box);
    }
    layer_.assign(count, 0);
    for (std::size_t round = 0; round < count; ++round) {
      bool is_changed = false;
      for (std::size_t i = 0; i < arrows_.size(); ++i) {
        const auto [from, to] = ends(i);
        if (from == to || layer_[to] > layer_[from]) continue;
        layer_[to] = layer_[from] + 1;
        is_changed = true;
      }
      if (!is_changed) break;
    }
    pull_sources();
  }

  std::pair<std::size_t, std::size_t> ends(std::size_t arrow) const {
    const LayoutArrow& it = arrows_[arrow];
    return is_back_[arrow] ? std::pair(it.to, it.from) : std::pair(it.from, it.to);
  }

  // A box without predecessors stands next to its first successor.
  void pull_sources() {
    for (std::size_t box = 0; box < boxes_.size(); ++box) {
      std::size_t nearest = static_cast<std::size_t>(-1);
      bool has_before = false;
      for (std::size_t i = 0; i < arrows_.size(); ++i) {
        const auto [from, to] = ends(i);
        if (from == to) continue;
        has_before = has_before || to == box;
        if (from == box) nearest = std::min(nearest, layer_[to]);
      }
      if (!has_before && nearest != static_cast<std::size_t>(-1)) layer_[box] = nearest - 1;
    }
  }

  void make_items() {
    for (std::size_t box = 0; box < boxes_.size(); ++box) {
      items_.push_back({box, false, boxes_[box].height, 0, layer_[box], {}, {}});
    }
    chains_.resize(arrows_.size());
    for (std::size_t i = 0; i < arrows_.size(); ++i) {
      const auto [from, to] = ends(i);
      if (from == to) continue;
      std::size_t last = from;
      chains_[i].push_back(from);
      for (std::size_t layer = layer_[from] + 1; layer < layer_[to]; ++layer) {
        items_.push_back({i, true, kLaneHeight, 0, layer, {}, {}});
        connect(last, items_.size() - 1);
        last = items_.size() - 1;
        chains_[i].push_back(last);
      }
      connect(last, to);
      chains_[i].push_back(to);
    }
    layers_.resize(*std::ranges::max_element(layer_) + 1);
    for (std::size_t i = 0; i < items_.size(); ++i) layers_[items_[i].layer].push_back(i);
  }

  void connect(std::size_t from, std::size_t to) {
    items_[from].after.push_back(to);
    items_[to].before.push_back(from);
  }

  std::vector<std::size_t> positions() const {
    std::vector<std::size_t> at(items_.size());
    for (const Layer& layer : layers_) {
      for (std::size_t i = 0; i < layer.size(); ++i) at[layer[i]] = i;
    }
    return at;
  }

  std::size_t crossings() const {
    const auto at = positions();
    std::size_t count = 0;
    for (const Layer& layer : layers_) {
      std::vector<std::pair<std::size_t, std::size_t>> lines;
      for (const std::size_t item : layer) {
        for (const std::size_t next : items_[item].after) lines.emplace_back(at[item], at[next]);
      }
      for (std::size_t i = 0; i < lines.size(); ++i) {
        for (std::size_t k = i + 1; k < lines.size(); ++k) {
          if ((lines[i].first < lines[k].first && lines[i].second > lines[k].second) ||
              (lines[i].first > lines[k].first && lines[i].second < lines[k].second)) {
            ++count;
          }
        }
      }
    }
    return count;
  }

  void order_layers() {
    std::vector<Layer> best = layers_;
    std::size_t fewest = crossings();
    for (int round = 0; round < kOrderRounds && fewest > 0; ++round) {
      const bool is_forward = round % 2 == 0;
      for (std::size_t step = 0; step < layers_.size(); ++step) {
        sort_layer(layers_[is_forward ? step : layers_.size() - 1 - step], is_forward);
      }
      swap_neighbours();
      const std::size_t now = crossings();
      if (now < fewest) {
        fewest = now;
        best = layers_;
      }
    }
    layers_ = std::move(best);
  }

  void sort_layer(Layer& layer, bool is_forward) {
    const auto at = positions();
    std::vector<double> middle(items_.size());
    for (const std::size_t item : layer) {
      const auto& others = is_forward ? items_[item].before : items_[item].after;
      double sum = 0;
      for (const std::size_t other : others) sum += static_cast<double>(at[other]);
      middle[item] =
          others.empty() ? static_cast<double>(at[item]) : sum / static_cast<double>(others.size());
    }
    std::ranges::stable_sort(layer, {}, [&](std::size_t item) { return middle[item]; });
  }

  /// Crossings of the arrows of two items of a layer if `a` stands above `b`.
  static std::size_t pair_crossings(const std::vector<std::size_t>& a,
                                    const std::vector<std::size_t>& b,
                                    const std::vector<std::size_t>& at) {
    std::size_t count = 0;
    for (const std::size_t x : a) {
      for (const std::size_t y : b) count += at[x] > at[y] ? 1 : 0;
    }
    return count;
  }

  void swap_neighbours() {
    for (Layer& layer : layers_) {
      auto at = positions();
      bool is_better = true;
      for (std::size_t round = 0; is_better && round < layer.size(); ++round) {
        is_better = false;
        for (std::size_t i = 0; i + 1 < layer.size(); ++i) {
          const Item& a = items_[layer[i]];
          const Item& b = items_[layer[i + 1]];
          const std::size_t now =
              pair_crossings(a.before, b.before, at) + pair_crossings(a.after, b.after, at);
          const std::size_t then =
              pair_crossings(b.before, a.before, at) + pair_crossings(b.after, a.after, at);
          if (then >= now) continue;
          std::swap(layer[i], layer[i + 1]);
          at[layer[i]] = i;
          at[layer[i + 1]] = i + 1;
          is_better = true;
        }
      }
    }
  }

  static double gap(const Item& a, const Item& b) {
    const double room = a.is_lane && b.is_lane   ? kGapY / 3
                        : a.is_lane || b.is_lane ? kGapY * 0.6
                                                 : kGapY;
    return (a.height + b.height) / 2 + room;
  }

  void place_vertically() {
    for (const Layer& layer : layers_) {
      double y = 0;
      for (std::size_t i = 0; i < layer.size(); ++i) {
        if (i > 0) y += gap(items_[layer[i - 1]], items_[layer[i]]);
        items_[layer[i]].y = y;
      }
      for (const std::size_t item : layer) items_[item].y -= y / 2;
    }
    for (int round = 0; round < kPlaceRounds; ++round) {
      const bool is_forward = round % 2 == 0;
      for (std::size_t step = 0; step < layers_.size(); ++step) {
        place_layer(layers_[is_forward ? step : layers_.size() - 1 - step],
                    round + 2 < kPlaceRounds ? (is_forward ? 1 : 2) : 3);
      }
    }
  }

  /// Moves the items of a layer towards the middle of their neighbours, in their order (the pool
  /// adjacent violators algorithm). `sides`: 1 the layer before, 2 the one after, 3 both.
  void place_layer(const Layer& layer, int sides) {
    struct Pool {
      double sum;
      double weight;
      std::size_t first;
    };
    std::vector<Pool> pools;
    std::vector<double> offset(layer.size(), 0);
    for (std::size_t i = 0; i < layer.size(); ++i) {
      const Item& item = items_[layer[i]];
      if (i > 0) offset[i] = offset[i - 1] + gap(items_[layer[i - 1]], item);
      double sum = 0;
      double weight = 0;
      const auto add = [&](const std::vector<std::size_t>& others) {
        for (const std::size_t other : others) {
          // Long arrows shall be straight.
          const double w = item.is_lane && items_[other].is_lane ? 8 : item.is_lane ? 2 : 1;
          sum += items_[other].y * w;
          weight += w;
        }
      };
      if ((sides & 1) != 0) add(item.before);
      if ((sides & 2) != 0) add(item.after);
      const double wanted = weight > 0 ? sum / weight : item.y;
      const double mass = weight > 0 ? weight : 0.1;
      pools.push_back({(wanted - offset[i]) * mass, mass, i});
      while (pools.size() > 1) {
        const Pool& last = pools.back();
        Pool& above = pools[pools.size() - 2];
        if (above.sum / above.weight <= last.sum / last.weight) break;
        above.sum += last.sum;
        above.weight += last.weight;
        pools.pop_back();
      }
    }
    for (std::size_t p = 0; p < pools.size(); ++p) {
      const std::size_t end = p + 1 < pools.size() ? pools[p + 1].first : layer.size();
      for (std::size_t i = pools[p].first; i < end; ++i) {
        items_[layer[i]].y = pools[p].sum / pools[p].weight + offset[i];
      }
    }
  }

  Point place_horizontally() {
    double top = 0;
    double bottom = 0;
    for (const Item& item : items_) {
      top = std::min(top, item.y - item.height / 2);
      bottom = std::max(bottom, item.y + item.height / 2);
    }
    for (Item& item : items_) item.y -= top;
    double x = 0;
    for (const Layer& layer : layers_) {
      double width = 0;
      std::size_t arrows = 0;
      for (const std::size_t item : layer) {
        if (!items_[item].is_lane) width = std::max(width, boxes_[items_[item].box].width);
        arrows += items_[item].after.size();
      }
      left_.push_back(x);
      width_.push_back(width);
      for (const std::size_t item : layer) {
        if (items_[item].is_lane) continue;
        LayoutBox& box = boxes_[items_[item].box];
        box.x = std::round(x + (width - box.width) / 2);
        box.y = std::round(items_[item].y - box.height / 2);
      }
      x += width + std::min(kMostGapX, kGapX + static_cast<double>(arrows) * kGapPerArrow);
    }
    return {left_.back() + width_.back(), bottom - top};
  }

  /// Where an arrow leaves or enters a box: arrows are spread over its side in the order of what
  /// they lead to.
  double port(std::size_t arrow, std::size_t item, bool is_exit) const {
    if (items_[item].is_lane) return items_[item].y;
    std::vector<std::pair<double, std::size_t>> all;
    for (std::size_t i = 0; i < chains_.size(); ++i) {
      const auto& chain = chains_[i];
      if (chain.empty() || (is_exit ? chain.front() : chain.back()) != item) continue;
      all.emplace_back(items_[is_exit ? chain[1] : chain[chain.size() - 2]].y, i);
    }
    std::ranges::sort(all);
    const auto mine = std::ranges::find(all, arrow, &std::pair<double, std::size_t>::second);
    const double count = static_cast<double>(all.size());
    const double room = std::min(items_[item].height - 2 * kPortMargin, (count - 1) * 9);
    const double place = static_cast<double>(mine - all.begin());
    return items_[item].y + (count > 1 ? place / (count - 1) * room - room / 2 : 0);
  }

  void route() {
    for (std::size_t i = 0; i < arrows_.size(); ++i) {
      std::vector<Point>& points = arrows_[i].points;
      const auto& chain = chains_[i];
      if (chain.empty()) continue;
      const LayoutBox& first = boxes_[items_[chain.front()].box];
      points.push_back({first.x + first.width, port(i, chain.front(), true)});
      for (std::size_t k = 1; k + 1 < chain.size(); ++k) {
        const Item& lane = items_[chain[k]];
        points.push_back({left_[lane.layer], lane.y});
        points.push_back({left_[lane.layer] + width_[lane.layer], lane.y});
      }
      points.push_back({boxes_[items_[chain.back()].box].x, port(i, chain.back(), false)});
      if (is_back_[i]) std::ranges::reverse(points);
    }
  }

  std::vector<LayoutBox>& boxes_;
  std::vector<LayoutArrow>& arrows_;
  std::vector<bool> is_back_;
  std::vector<std::size_t> layer_;
  std::vector<Item> items_;
  std::vector<std::vector<std::size_t>> chains_;  // items of each arrow, from left to right
  std::vector<Layer> layers_;
  std::vector<double> left_;
  std::vector<double> width_;
};

}  // namespace

Point lay_out(std::vector<LayoutBox>& boxes, std::vector<LayoutArrow>& arrows) {
  return Layout(boxes, arrows).run();
}

}  // namespace dagfix

#include "syntax/lean_graph.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace dagfix {

namespace {

/// tree-sitter leaves out some of more ways.
constexpr std::size_t kMostWays = 60;

/// Whether tree-sitter takes two nodes between the same states for readings of the same thing.
bool are_equivalent(const LeanGraph::Link& left, const LeanGraph::Link& right) {
  return left.node.outer == right.node.outer && left.node.begin == right.node.begin &&
         left.node.end == right.node.end && left.node.children == right.node.children &&
         left.node.extra == right.node.extra && left.scanner == right.scanner;
}

/// Whether it is not certain if they are.
bool are_unclear(const LeanGraph::Link& left, const LeanGraph::Link& right) {
  // Of tokens in the base it is not known in what state they left the scanner.
  const auto is_unclear = [](const LeanGraph::Link& link) {
    return link.node.children == kManyChildren ||
           std::abs(int{link.node.precedence}) >= kHighPrecedence ||
           (link.node.scanned && link.scanner == 0);
  };
  return is_unclear(left) || is_unclear(right);
}

}  // namespace

TSStateId LeanGraph::state(Id id) const {
  return in_base(id) ? base_.states[id] : top_of(id).state;
}

std::uint32_t LeanGraph::position(Id id) const {
  if (!in_base(id)) return top_of(id).first.node.end;
  return id == 0 ? 0 : base_.nodes[id - 1].end;
}

int LeanGraph::precedence(Id id) const {
  if (!in_base(id)) return top_of(id).precedence;
  int sum = 0;
  for (Id i = 0; i < id; ++i) sum += base_.nodes[i].precedence;
  return sum;
}

std::size_t LeanGraph::link_count(Id id) const {
  if (!in_base(id)) return 1 + top_of(id).others.size();
  return id == 0 ? 0 : 1;
}

LeanGraph::Link LeanGraph::link(Id id, std::size_t index) const {
  if (!in_base(id)) return top_of(id).link(index);
  return {.below = id - 1, .scanner = 0, .node = base_.nodes[id - 1]};
}

LeanGraph::Id LeanGraph::push(const Link& link, TSStateId state) {
  tops_.push_back({.first = link,
                   .others = {},
                   .precedence = precedence(link.below) + link.node.precedence,
                   .state = state});
  return static_cast<Id>(base_count_ + tops_.size() - 1);
}

std::vector<LeanNode> LeanGraph::spare() {
  if (spares_.empty()) return {};
  std::vector<LeanNode> nodes = std::move(spares_.back());
  spares_.pop_back();
  nodes.clear();
  return nodes;
}

void LeanGraph::recycle(std::vector<Slice> slices) {
  for (Slice& slice : slices) {
    for (auto& nodes : slice.ways) spares_.push_back(std::move(nodes));
  }
}

void LeanGraph::add_way(std::vector<Slice>& slices, Way& way) {
  std::ranges::reverse(way.nodes);
  auto slice = std::ranges::find(slices, way.top, &Slice::below);
  if (slice == slices.end()) slice = slices.insert(slices.end(), {.below = way.top, .ways = {}});
  slice->ways.push_back(std::move(way.nodes));
}

std::vector<LeanGraph::Slice> LeanGraph::pop(Id top, unsigned count) {
  std::vector<Slice> slices;
  ways_.clear();
  ways_.push_back({.top = top, .count = 0, .nodes = spare()});
  while (!ways_.empty()) {
    for (std::size_t i = 0, size = ways_.size(); i < size; ++i) {
      const Id id = ways_[i].top;
      const std::size_t links = link_count(id);
      if (ways_[i].count == count || links == 0) {
        if (ways_[i].count == count) add_way(slices, ways_[i]);
        ways_.erase(ways_.begin() + static_cast<std::ptrdiff_t>(i));
        --i;
        --size;
        continue;
      }
      // The first one is gone on with, the others come behind.
      for (std::size_t j = 1; j <= links; ++j) {
        const Link next = link(id, j % links);
        if (j < links) {
          ways_.push_back({.top = id, .count = ways_[i].count, .nodes = spare()});
          ways_.back().nodes = ways_[i].nodes;
        }
        Way& way = j < links ? ways_.back() : ways_[i];
        way.top = next.below;
        way.nodes.push_back(next.node);
        way.count += next.node.extra ? 0 : 1;
      }
      if (ways_.size() > kMostWays) return {};
    }
  }
  return slices;
}

bool LeanGraph::pop_only(Id top, unsigned count, Slice& slice) const {
  std::vector<LeanNode>& nodes = slice.ways.front();
  nodes.clear();
  for (unsigned left = count; left > 0; left -= nodes.back().extra ? 0 : 1) {
    if (in_base(top)) {
      nodes.push_back(base_.nodes[--top]);
    } else {
      const Top& present = top_of(top);
      if (!present.others.empty()) return false;
      nodes.push_back(present.first.node);
      top = present.first.below;
    }
  }
  std::ranges::reverse(nodes);
  slice.below = top;
  return true;
}

bool LeanGraph::merge(Id top, Id from) {
  for (std::size_t i = 0; i < link_count(from); ++i) {
    if (!add_link(top, link(from, i))) return false;
  }
  return true;
}

bool LeanGraph::add_link(Id id, const Link& added) {
  if (added.below == id) return true;
  for (std::size_t i = 0; i < link_count(id); ++i) {
    const Link present = link(id, i);
    if (are_unclear(present, added)) return false;
    if (!are_equivalent(present, added)) continue;
    const int precedence_then = precedence(added.below) + added.node.precedence;
    if (present.below == added.below) {
      if (added.node.precedence <= present.node.precedence) return true;
      if (in_base(id)) return false;
      top_of(id).link(i).node = added.node;
      top_of(id).precedence = precedence_then;
      return true;
    }
    if (state(present.below) == state(added.below) &&
        position(present.below) == position(added.below)) {
      if (!merge(present.below, added.below)) return false;
      if (precedence_then <= precedence(id)) return true;
      if (in_base(id)) return false;
      top_of(id).precedence = precedence_then;
      return true;
    }
  }
  if (in_base(id) || link_count(id) == kMostLinks) return false;
  Top& top = top_of(id);
  top.others.push_back(added);
  top.precedence = std::max(top.precedence, precedence(added.below) + added.node.precedence);
  return true;
}

std::optional<int> LeanGraph::precedence_of_way(Id top) const {
  int sum = 0;
  for (; !in_base(top); top = top_of(top).first.below) {
    if (!top_of(top).others.empty()) return std::nullopt;
    sum += top_of(top).first.node.precedence;
  }
  return sum + precedence(top);
}

bool LeanGraph::flatten(Id top, LeanStack& stack) {
  path_.clear();
  for (; !in_base(top); top = top_of(top).first.below) {
    if (!top_of(top).others.empty()) return false;
    path_.push_back(top);
  }
  stack.cut(top);
  for (; !path_.empty(); path_.pop_back()) {
    stack.push(top_of(path_.back()).first.node, top_of(path_.back()).state);
  }
  return true;
}

}  // namespace dagfix

// How readings become one again: what tree-sitter's ts_parser__condense_stack(),
// ts_parser__select_children() and ts_subtree_compare() do to text without errors.
#include <algorithm>
#include <compare>
#include <cstddef>
#include <optional>
#include <utility>

#include "syntax/lean_versions.hpp"

namespace dagfix {

namespace {

using Nodes = std::vector<LeanNode>;

/// tree-sitter drops the worst of more versions after a step; here that ends the attempt.
constexpr std::size_t kMostVersions = 6;

int precedence_of(const Nodes& nodes, std::size_t count) {
  int sum = 0;
  for (std::size_t i = 0; i < count; ++i) sum += nodes[i].precedence;
  return sum;
}

std::size_t count_without_extras_at_end(const Nodes& nodes) {
  std::size_t count = nodes.size();
  while (count > 0 && nodes[count - 1].extra) --count;
  return count;
}

bool is_clamped(const LeanNode& node) {
  return node.children == kManyChildren || std::abs(int{node.precedence}) >= kHighPrecedence;
}

/// Less: tree-sitter prefers the first. Empty: it would look at more than is known here.
std::optional<std::strong_ordering> compare(const LeanNode& left, const LeanNode& right) {
  if (left.outer != right.outer) return left.outer <=> right.outer;
  if (left.children != right.children) return left.children <=> right.children;
  const bool are_same = left.children == 0 ||
                        (left.begin == right.begin && left.end == right.end &&
                         left.first == right.first && left.count == right.count && left.count > 0 &&
                         left.symbol == right.symbol && left.wrapped == right.wrapped);
  if (!are_same) return std::nullopt;
  return std::strong_ordering::equal;
}

/// Whether tree-sitter takes the second of two lists of children. Empty: it is not certain.
std::optional<bool> prefers_second(const Nodes& first, const Nodes& second) {
  const std::size_t count = count_without_extras_at_end(first);
  const std::size_t other = count_without_extras_at_end(second);
  if (std::ranges::any_of(first, is_clamped) || std::ranges::any_of(second, is_clamped)) {
    return std::nullopt;
  }
  const int gain = precedence_of(second, other) - precedence_of(first, count);
  if (gain != 0) return gain > 0;
  if (count != other) return other < count;
  for (std::size_t i = 0; i < count; ++i) {
    const auto order = compare(first[i], second[i]);
    if (!order) return std::nullopt;
    if (*order != 0) return *order > 0;
  }
  return false;
}

}  // namespace

const Nodes* LeanVersions::choose(const LeanGraph::Slice& slice) {
  const Nodes* chosen = &slice.ways.front();
  for (const Nodes& way : slice.ways) {
    if (&way == chosen) continue;
    const auto is_better = prefers_second(*chosen, way);
    if (!is_better) return nullptr;
    if (*is_better) chosen = &way;
  }
  return chosen;
}

void LeanVersions::push_parent(Version& version, const LeanGraph::Slice& slice,
                               const LeanReduction& reduction, std::uint32_t position) {
  const Nodes* const nodes = choose(slice);
  if (nodes == nullptr) {
    fail(LeanEnd::ambiguous);
    return;
  }
  const std::size_t count = count_without_extras_at_end(*nodes);
  const TSStateId state = tables_.at(graph_.state(slice.below), reduction.symbol);
  version.top =
      graph_.push({.below = slice.below,
                   .scanner = 0,
                   .node = parent_of(tables_, arena_, nodes->data(), count, reduction, position)},
                  state);
  for (std::size_t i = count; i < nodes->size(); ++i) {
    version.top = graph_.push({.below = version.top, .scanner = 0, .node = (*nodes)[i]}, state);
  }
}

bool LeanVersions::can_merge(std::size_t left, std::size_t right) const {
  return is_active(left) && is_active(right) && state_of(left) == state_of(right) &&
         graph_.position(versions_[left].top) == graph_.position(versions_[right].top) &&
         versions_[left].scanner == versions_[right].scanner;
}

/// Makes the second part of the first if they are in the same state.
bool LeanVersions::merge(std::size_t left, std::size_t right) {
  if (!can_merge(left, right)) return false;
  if (!graph_.merge(versions_[left].top, versions_[right].top)) fail(LeanEnd::ambiguous);
  erase(right);
  return true;
}

void LeanVersions::erase(std::size_t index) {
  versions_.erase(versions_.begin() + static_cast<std::ptrdiff_t>(index));
}

/// Drops the versions that cannot go on, merges others, and puts the most promising first.
void LeanVersions::condense() {
  for (std::size_t i = 0; i < versions_.size(); ++i) {
    if (versions_[i].status == Status::halted) {
      erase(i--);
      continue;
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (is_active(j) != is_active(i)) {
        const bool drops_left = is_active(i);
        erase(drops_left ? j : i);
        --i;
        if (!drops_left) break;
        --j;
      } else if (merge(j, i)) {
        --i;
        break;
      } else if (graph_.precedence(versions_[i].top) > graph_.precedence(versions_[j].top)) {
        std::swap(versions_[i], versions_[j]);
      }
    }
  }
  if (versions_.size() > kMostVersions) fail(LeanEnd::many_versions);
}

}  // namespace dagfix

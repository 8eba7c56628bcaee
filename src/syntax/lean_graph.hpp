#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "syntax/lean_stack.hpp"

namespace dagfix {

/// The stacks of several readings of a text: where two of them come to the same state at the same
/// place, they have one top with several nodes below it, as in tree-sitter's stack.c. They all grow
/// from one plain stack, whose states are 0 to n here, and which is never changed.
class LeanGraph {
 public:
  using Id = std::uint32_t;

  struct Link {
    Id below = 0;
    std::uint32_t scanner = 0;  // state of the scanner after a token that it read, 0: unknown
    LeanNode node;
  };

  /// The ways of taking some nodes from a top that end at the same state, in the order in which
  /// tree-sitter finds them.
  struct Slice {
    Id below = 0;
    std::vector<std::vector<LeanNode>> ways;
  };

  explicit LeanGraph(const LeanStack& base) : base_(base), base_count_(base.states.size()) {}

  Id base_top() const { return static_cast<Id>(base_count_ - 1); }
  TSStateId state(Id id) const;
  std::uint32_t position(Id id) const;
  /// The dynamic precedence of all that is below.
  int precedence(Id id) const;

  Id push(const Link& link, TSStateId state);
  /// Empty: there are too many ways.
  std::vector<Slice> pop(Id top, unsigned count) const;
  /// Makes the nodes right below `from` nodes below `top`, too. False: what tree-sitter would do is
  /// not certain.
  bool merge(Id top, Id from);
  /// The dynamic precedence of the nodes on the only way down from a top. Empty: there are several.
  std::optional<int> precedence_of_way(Id top) const;
  /// Makes a plain stack of the only way down from a top. False: there are several.
  bool flatten(Id top, LeanStack& stack) const;

 private:
  static constexpr std::size_t kMostLinks = 8;

  struct Top {
    TSStateId state = 0;
    std::uint8_t count = 0;
    int precedence = 0;
    std::array<Link, kMostLinks> links;
  };

  bool in_base(Id id) const { return id < base_count_; }
  Top& top_of(Id id) { return tops_[id - base_count_]; }
  const Top& top_of(Id id) const { return tops_[id - base_count_]; }
  std::size_t link_count(Id id) const;
  Link link(Id id, std::size_t index) const;
  bool add_link(Id top, const Link& link);

  const LeanStack& base_;
  std::size_t base_count_;
  std::vector<Top> tops_;
};

}  // namespace dagfix

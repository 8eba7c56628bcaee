#pragma once

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
    LeanNode node{};
  };

  /// The ways of taking some nodes from a top that end at the same state, in the order in which
  /// tree-sitter finds them.
  struct Slice {
    Id below = 0;
    std::vector<std::vector<LeanNode>> ways;
  };

  explicit LeanGraph(const LeanStack& base) : base_(base) {}

  /// Forgets all but the base, which may be another one now.
  void reset() {
    base_count_ = base_.states.size();
    tops_.clear();
  }

  Id base_top() const { return static_cast<Id>(base_count_ - 1); }
  TSStateId state(Id id) const;
  std::uint32_t position(Id id) const;
  /// The dynamic precedence of all that is below.
  int precedence(Id id) const;

  Id push(const Link& link, TSStateId state);
  /// Empty: there are too many ways.
  std::vector<Slice> pop(Id top, unsigned count);
  /// Takes back what pop() returned, to make the next one cheaper.
  void recycle(std::vector<Slice> slices);
  /// The same if there is one way only, faster. False: there are several.
  bool pop_only(Id top, unsigned count, Slice& slice) const;
  /// Makes the nodes right below `from` nodes below `top`, too. False: what tree-sitter would do is
  /// not certain.
  bool merge(Id top, Id from);
  /// The dynamic precedence of the nodes on the only way down from a top. Empty: there are several.
  std::optional<int> precedence_of_way(Id top) const;
  /// Makes a plain stack of the only way down from a top. False: there are several.
  bool flatten(Id top, LeanStack& stack);

 private:
  static constexpr std::size_t kMostLinks = 8;

  struct Top {
    Link first;
    std::vector<Link> others;
    int precedence = 0;
    TSStateId state = 0;

    Link& link(std::size_t index) { return index == 0 ? first : others[index - 1]; }
    const Link& link(std::size_t index) const { return index == 0 ? first : others[index - 1]; }
  };

  bool in_base(Id id) const { return id < base_count_; }
  Top& top_of(Id id) { return tops_[id - base_count_]; }
  const Top& top_of(Id id) const { return tops_[id - base_count_]; }
  std::size_t link_count(Id id) const;
  Link link(Id id, std::size_t index) const;
  bool add_link(Id top, const Link& link);

  struct Way {
    Id top = 0;
    unsigned count = 0;  // of its nodes, extras left out
    std::vector<LeanNode> nodes;
  };
  std::vector<LeanNode> spare();
  static void add_way(std::vector<Slice>& slices, Way& way);

  const LeanStack& base_;
  std::size_t base_count_ = 0;
  std::vector<Top> tops_;
  std::vector<Way> ways_;                      // while nodes are popped
  std::vector<std::vector<LeanNode>> spares_;  // without nodes
  std::vector<Id> path_;                       // while a stack is made
};

}  // namespace dagfix

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "syntax/lean_lexer.hpp"
#include "syntax/lean_tables.hpp"

namespace dagfix {

/// A node while the text is parsed: a token, or what a production made of its children. What leaves
/// nothing in the tree is not kept as a child, and a hidden node with one child is left out: the
/// child stands for it.
struct LeanNode {
  std::uint32_t begin;
  std::uint32_t end;
  std::uint32_t first;  // of the children that are kept; they lie side by side
  std::uint32_t count;
  TSSymbol symbol;
  TSSymbol outer;           // of the hidden node that it stands for, or its own
  std::uint16_t children;   // of that, all of them
  std::int16_t precedence;  // dynamic, of all that it consists of
  std::uint8_t field;
  bool visible;
  bool named;
  bool extra;
  bool wrapped;  // stands for a hidden node
  bool scanned;  // a token that the grammar's scanner read

  bool kept() const { return visible || count > 0; }
};

constexpr std::uint16_t kManyChildren = 0xffff;
constexpr int kHighPrecedence = 0x7000;

/// The children of all nodes.
class LeanArena {
 public:
  const LeanNode* data() const { return nodes_.get(); }
  std::uint32_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  void clear() { size_ = 0; }
  /// Where this many nodes can be written; keep() takes the first of them.
  LeanNode* room(std::size_t count) {
    if (capacity_ - size_ < count) grow(count);
    return nodes_.get() + size_;
  }
  void keep(std::size_t count) { size_ += static_cast<std::uint32_t>(count); }

 private:
  void grow(std::size_t count);

  std::unique_ptr<LeanNode[]> nodes_;
  std::uint32_t size_ = 0;
  std::size_t capacity_ = 0;
};

/// What the parser keeps in mind: node i lies between state i and state i + 1.
struct LeanStack {
  std::vector<TSStateId> states;
  std::vector<LeanNode> nodes;

  TSStateId state() const { return states.back(); }
  void push(const LeanNode& node, TSStateId state) {
    nodes.push_back(node);
    states.push_back(state);
  }
  /// Keeps this many nodes.
  void cut(std::size_t count) {
    nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(count), nodes.end());
    states.erase(states.begin() + static_cast<std::ptrdiff_t>(count) + 1, states.end());
  }
};

using LeanReduction = decltype(TSParseAction::reduce);

LeanNode as_node(const LeanTables& tables, const LeanToken& token, bool extra);

/// The parent of these nodes, with no extras at the end. Of nothing: it is at `position`.
LeanNode parent_of(const LeanTables& tables, LeanArena& arena, const LeanNode* children,
                   std::size_t count, const LeanReduction& reduction, std::uint32_t position);

/// Replaces the nodes of a reduction on top of a stack by their parent. Extras on top stay there.
void reduce(const LeanTables& tables, LeanArena& arena, LeanStack& stack,
            const LeanReduction& reduction, std::uint32_t position);

}  // namespace dagfix

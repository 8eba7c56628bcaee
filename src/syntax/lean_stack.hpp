#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "syntax/lean_lexer.hpp"
#include "syntax/lean_tables.hpp"

namespace dagfix {

/// A node while the text is parsed: a token, or what a production made of its children. What leaves
/// nothing in the tree is not kept as a child, and a hidden node with one child is left out: the
/// child stands for it.
struct LeanNode {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint32_t first = 0;  // of the children that are kept; they lie side by side
  std::uint32_t count = 0;
  TSSymbol symbol = 0;
  TSSymbol outer = 0;           // of the hidden node that it stands for, or its own
  std::uint16_t children = 0;   // of that, all of them
  std::int16_t precedence = 0;  // dynamic, of all that it consists of
  std::uint8_t field = 0;
  bool visible = false;
  bool named = false;
  bool extra = false;
  bool wrapped = false;  // stands for a hidden node
  bool scanned = false;  // a token that the grammar's scanner read

  bool kept() const { return visible || count > 0; }
};

constexpr std::uint16_t kManyChildren = 0xffff;
constexpr int kHighPrecedence = 0x7000;

/// The children of all nodes.
using LeanArena = std::vector<LeanNode>;

/// What the parser keeps in mind: node i lies between state i and state i + 1.
struct LeanStack {
  std::vector<TSStateId> states;
  std::vector<LeanNode> nodes;

  TSStateId state() const { return states.back(); }
  void push(const LeanNode& node, TSStateId state) {
    nodes.push_back(node);
    states.push_back(state);
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

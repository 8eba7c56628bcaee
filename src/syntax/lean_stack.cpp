#include "syntax/lean_stack.hpp"

#include <algorithm>

namespace dagfix {

namespace {

std::int16_t clamped(int precedence) {
  return static_cast<std::int16_t>(std::clamp(precedence, -kHighPrecedence, kHighPrecedence));
}

std::uint32_t size_of(const LeanArena& arena) { return static_cast<std::uint32_t>(arena.size()); }

/// Keeps the children of a production that gives names or fields to some of them.
class Decorator {
 public:
  Decorator(const LeanTables& tables, LeanArena& arena, std::uint16_t production)
      : tables_(tables), arena_(arena), decorations_(tables.decorations(production)) {}

  /// Returns where they begin.
  std::uint32_t keep(const LeanNode* children, std::size_t count) {
    // A hidden node that was left out gets a name: its child needs a place of its own, before those
    // of this production, which have to lie side by side.
    std::uint32_t place = size_of(arena_);
    each(children, count, [&](const LeanNode& child, LeanTables::Decoration decoration) {
      if (decoration.alias != 0 && child.wrapped && child.kept()) arena_.push_back(child);
    });
    const std::uint32_t first = size_of(arena_);
    each(children, count, [&](LeanNode child, LeanTables::Decoration decoration) {
      if (decoration.alias != 0) {
        if (child.wrapped) {
          child.count = child.kept() ? 1 : 0;
          child.first = place;
          place += child.count;
        }
        child.symbol = decoration.alias;
        child.visible = true;
        child.named = tables_.metadata(decoration.alias).named;
      }
      child.field = static_cast<std::uint8_t>(decoration.field);
      if (child.kept()) arena_.push_back(child);
    });
    return first;
  }

 private:
  template <typename Use>
  void each(const LeanNode* children, std::size_t count, const Use& use) const {
    std::size_t index = 0;
    for (const LeanNode* child = children; child != children + count; ++child) {
      const bool may = !child->extra && index < tables_.longest();
      use(*child, may ? decorations_[index] : LeanTables::Decoration{});
      if (!child->extra) ++index;
    }
  }

  const LeanTables& tables_;
  LeanArena& arena_;
  const LeanTables::Decoration* decorations_;
};

LeanNode parent_of_nothing(const LeanTables& tables, const LeanReduction& reduction,
                           std::uint32_t position) {
  LeanNode parent;
  parent.begin = position;
  parent.end = position;
  parent.symbol = reduction.symbol;
  parent.outer = reduction.symbol;
  parent.visible = tables.metadata(reduction.symbol).visible;
  parent.named = tables.metadata(reduction.symbol).named;
  parent.precedence = reduction.dynamic_precedence;
  return parent;
}

/// The nodes that a reduction takes from a stack; extras from `end` on stay.
struct Handle {
  std::size_t begin = 0;
  std::size_t end = 0;
};

Handle handle_of(const LeanStack& stack, unsigned count) {
  std::size_t end = stack.nodes.size();
  if (count == 0) return {end, end};
  while (stack.nodes[end - 1].extra) --end;
  std::size_t begin = end;
  for (unsigned left = count; left > 0;) {
    --begin;
    if (!stack.nodes[begin].extra) --left;
  }
  return {begin, end};
}

}  // namespace

LeanNode as_node(const LeanTables& tables, const LeanToken& token, bool extra) {
  const TSSymbolMetadata metadata = tables.metadata(token.symbol);
  LeanNode node;
  node.begin = token.begin;
  node.end = token.end;
  node.symbol = token.symbol;
  node.outer = token.symbol;
  node.visible = metadata.visible;
  node.named = metadata.named;
  node.extra = extra;
  node.scanned = token.external;
  return node;
}

LeanNode parent_of(const LeanTables& tables, LeanArena& arena, const LeanNode* children,
                   std::size_t count, const LeanReduction& reduction, std::uint32_t position) {
  if (count == 0) return parent_of_nothing(tables, reduction, position);
  const TSSymbolMetadata metadata = tables.metadata(reduction.symbol);
  if (count == 1 && reduction.production_id == 0 && !metadata.visible) {
    LeanNode node = *children;
    node.outer = reduction.symbol;
    node.children = 1;
    node.precedence = clamped(node.precedence + reduction.dynamic_precedence);
    node.wrapped = true;
    node.scanned = false;
    return node;
  }
  LeanNode parent;
  parent.begin = children->begin;
  parent.end = children[count - 1].end;
  parent.symbol = reduction.symbol;
  parent.outer = reduction.symbol;
  parent.children = static_cast<std::uint16_t>(std::min<std::size_t>(count, kManyChildren));
  parent.visible = metadata.visible;
  parent.named = metadata.named;
  int precedence = reduction.dynamic_precedence;
  for (std::size_t i = 0; i < count; ++i) precedence += children[i].precedence;
  parent.precedence = clamped(precedence);
  parent.first = size_of(arena);
  if (reduction.production_id == 0) {
    for (std::size_t i = 0; i < count; ++i) {
      if (children[i].kept()) arena.push_back(children[i]);
    }
  } else {
    parent.first = Decorator(tables, arena, reduction.production_id).keep(children, count);
  }
  parent.count = size_of(arena) - parent.first;
  return parent;
}

void reduce(const LeanTables& tables, LeanArena& arena, LeanStack& stack,
            const LeanReduction& reduction, std::uint32_t position) {
  auto& nodes = stack.nodes;
  const Handle handle = handle_of(stack, reduction.child_count);
  const TSStateId state = tables.at(stack.states[handle.begin], reduction.symbol);
  const LeanNode parent = parent_of(tables, arena, nodes.data() + handle.begin,
                                    handle.end - handle.begin, reduction, position);
  const std::vector<LeanNode> extras(nodes.begin() + static_cast<std::ptrdiff_t>(handle.end),
                                     nodes.end());
  nodes.resize(handle.begin);
  stack.states.resize(handle.begin + 1);
  stack.push(parent, state);
  for (const LeanNode& extra : extras) stack.push(extra, state);
}

}  // namespace dagfix

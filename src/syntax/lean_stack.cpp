#include "syntax/lean_stack.hpp"

#include <algorithm>
#include <utility>

namespace dagfix {

namespace {

std::int16_t clamped(int precedence) {
  return static_cast<std::int16_t>(std::clamp(precedence, -kHighPrecedence, kHighPrecedence));
}

/// Whether the parent is a hidden node that is left out if it has one child.
bool is_left_out(const LeanTables& tables, const LeanReduction& reduction) {
  return reduction.production_id == 0 && !tables.metadata(reduction.symbol).visible;
}

/// Lets a node stand for the parent that is left out.
void wrap(LeanNode& node, const LeanReduction& reduction) {
  node.outer = reduction.symbol;
  node.children = 1;
  node.precedence = clamped(node.precedence + reduction.dynamic_precedence);
  node.wrapped = true;
  node.scanned = false;
}

/// Keeps the children of a production that gives names or fields to some of them.
class Decorator {
 public:
  Decorator(const LeanTables& tables, LeanArena& arena, std::uint16_t production)
      : tables_(tables), arena_(arena), decorations_(tables.decorations(production)) {}

  /// Returns where they begin.
  std::uint32_t keep(const LeanNode* children, std::size_t count) {
    // A hidden node that was left out gets a name: its child needs a place of its own, before those
    // of this production, which have to lie side by side.
    std::uint32_t place = arena_.size();
    each(children, count, [&](const LeanNode& child, LeanTables::Decoration decoration) {
      if (decoration.alias != 0 && child.wrapped && child.kept()) add(child);
    });
    const std::uint32_t first = arena_.size();
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
      if (child.kept()) add(child);
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

  void add(const LeanNode& node) {
    *arena_.room(1) = node;
    arena_.keep(1);
  }

  const LeanTables& tables_;
  LeanArena& arena_;
  const LeanTables::Decoration* decorations_;
};

/// A node of a symbol without children, in no place yet.
LeanNode empty(const LeanTables& tables, TSSymbol symbol) {
  const TSSymbolMetadata metadata = tables.metadata(symbol);
  LeanNode node{};
  node.symbol = symbol;
  node.outer = symbol;
  node.visible = metadata.visible;
  node.named = metadata.named;
  return node;
}

LeanNode parent_of_nothing(const LeanTables& tables, const LeanReduction& reduction,
                           std::uint32_t position) {
  LeanNode parent = empty(tables, reduction.symbol);
  parent.begin = position;
  parent.end = position;
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

void LeanArena::grow(std::size_t count) {
  constexpr std::size_t kLeast = 1024;
  capacity_ = std::max({kLeast, 2 * capacity_, size_ + count});
  auto nodes = std::make_unique_for_overwrite<LeanNode[]>(capacity_);
  std::copy_n(nodes_.get(), size_, nodes.get());
  nodes_ = std::move(nodes);
}

LeanNode as_node(const LeanTables& tables, const LeanToken& token, bool extra) {
  LeanNode node = empty(tables, token.symbol);
  node.begin = token.begin;
  node.end = token.end;
  node.extra = extra;
  node.scanned = token.external;
  return node;
}

LeanNode parent_of(const LeanTables& tables, LeanArena& arena, const LeanNode* children,
                   std::size_t count, const LeanReduction& reduction, std::uint32_t position) {
  if (count == 0) return parent_of_nothing(tables, reduction, position);
  if (count == 1 && is_left_out(tables, reduction)) {
    LeanNode node = *children;
    wrap(node, reduction);
    return node;
  }
  LeanNode parent = empty(tables, reduction.symbol);
  parent.begin = children->begin;
  parent.end = children[count - 1].end;
  parent.children = static_cast<std::uint16_t>(std::min<std::size_t>(count, kManyChildren));
  int precedence = reduction.dynamic_precedence;
  for (std::size_t i = 0; i < count; ++i) precedence += children[i].precedence;
  parent.precedence = clamped(precedence);
  if (reduction.production_id == 0) {
    LeanNode* const kept = arena.room(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (children[i].kept()) kept[parent.count++] = children[i];
    }
    parent.first = arena.size();
    arena.keep(parent.count);
  } else {
    parent.first = Decorator(tables, arena, reduction.production_id).keep(children, count);
    parent.count = arena.size() - parent.first;
  }
  return parent;
}

void reduce(const LeanTables& tables, LeanArena& arena, LeanStack& stack,
            const LeanReduction& reduction, std::uint32_t position) {
  auto& nodes = stack.nodes;
  if (reduction.child_count == 1 && !nodes.back().extra && is_left_out(tables, reduction)) {
    wrap(nodes.back(), reduction);
    stack.states.back() = tables.at(stack.states[nodes.size() - 1], reduction.symbol);
    return;
  }
  const Handle handle = handle_of(stack, reduction.child_count);
  const TSStateId state = tables.at(stack.states[handle.begin], reduction.symbol);
  const LeanNode parent = parent_of(tables, arena, nodes.data() + handle.begin,
                                    handle.end - handle.begin, reduction, position);
  if (handle.end == nodes.size()) {
    stack.cut(handle.begin);
    stack.push(parent, state);
    return;
  }
  const std::vector<LeanNode> extras(nodes.begin() + static_cast<std::ptrdiff_t>(handle.end),
                                     nodes.end());
  stack.cut(handle.begin);
  stack.push(parent, state);
  for (const LeanNode& extra : extras) stack.push(extra, state);
}

}  // namespace dagfix

#include "syntax/lean_copy.hpp"

namespace dagfix {

namespace {

/// A node whose children are being read.
struct Level {
  const LeanNode* next;
  const LeanNode* end;
  std::uint8_t field;  // of the hidden node that this is, for children without one
  bool visible;
};

class LeanReader {
 public:
  LeanReader(const LeanTables& tables, const LeanArena& arena, TreeBuilder& builder)
      : public_symbols_(tables.language().public_symbol_map), arena_(arena), builder_(builder) {}

  void read(const LeanNode& root) {
    enter(root, 0);
    while (!levels_.empty()) {
      Level& level = levels_.back();
      if (level.next == level.end) {
        if (level.visible) builder_.close();
        levels_.pop_back();
        continue;
      }
      const LeanNode& node = *level.next++;
      enter(node, node.field != 0 || node.extra ? node.field : level.field);
    }
  }

 private:
  void enter(const LeanNode& node, std::uint8_t field) {
    if (node.visible) {
      builder_.add({.range = {node.begin, node.end},
                    .symbol = public_symbols_[node.symbol],
                    .field = field,
                    .named = node.named});
      if (node.count == 0 || !builder_.open()) return;
      field = 0;
    }
    const LeanNode* const first = arena_.data() + node.first;
    levels_.push_back({first, first + node.count, field, node.visible});
  }

  const TSSymbol* public_symbols_;
  const LeanArena& arena_;
  TreeBuilder& builder_;
  std::vector<Level> levels_;
};

}  // namespace

void copy_lean(const LeanTables& tables, const LeanArena& arena, const LeanNode& root,
               TreeBuilder& builder) {
  LeanReader(tables, arena, builder).read(root);
}

}  // namespace dagfix

#include <tree_sitter/api.h>

#include <vector>

extern "C" {
#include "language.h"
#include "subtree.h"
#include "tree.h"
}

#include "syntax/tree_builder.hpp"

namespace dagfix {

namespace {

/// A node whose children are being read.
struct Level {
  const Subtree* next;
  const Subtree* end;
  const TSSymbol* aliases;  // by child, or null
  const TSFieldMapEntry* fields;
  const TSFieldMapEntry* fields_end;
  std::uint32_t position;   // where the child before ends
  std::uint32_t index = 0;  // of the next child, extras left out
  TSFieldId outer_field;    // of the hidden node that this is, for children without one
  bool visible;
};

class SubtreeReader {
 public:
  SubtreeReader(const TSTree* source, TreeBuilder& builder)
      : language_(source->language), grammar_(GrammarMap::python()), builder_(builder) {}

  void read(Subtree root) {
    const std::uint32_t begin = ts_subtree_padding(root).bytes;
    add(root, begin, 0, 0);
    if (ts_subtree_visible_child_count(root) == 0 || !builder_.open()) return;
    enter(root, begin, 0, true);
    while (!levels_.empty()) step();
  }

 private:
  void step() {
    Level& level = levels_.back();
    if (level.next == level.end) {
      const bool is_visible = level.visible;
      levels_.pop_back();
      if (is_visible) builder_.close();
      return;
    }
    const Subtree child = *level.next++;
    const std::uint32_t begin = level.position + ts_subtree_padding(child).bytes;
    level.position = begin + ts_subtree_size(child).bytes;
    TSSymbol alias = 0;
    TSFieldId field = 0;
    if (!ts_subtree_extra(child)) {
      if (level.aliases != nullptr) alias = level.aliases[level.index];
      field = field_of(level);
      ++level.index;
    }
    const bool is_visible = alias != 0 || ts_subtree_visible(child);
    if (is_visible) add(child, begin, alias, field);
    if (ts_subtree_visible_child_count(child) == 0) return;
    if (is_visible && !builder_.open()) return;
    enter(child, begin, is_visible ? TSFieldId{0} : field, is_visible);
  }

  static TSFieldId field_of(const Level& level) {
    for (const TSFieldMapEntry* entry = level.fields; entry != level.fields_end; ++entry) {
      if (!entry->inherited && entry->child_index == level.index) return entry->field_id;
    }
    return level.outer_field;
  }

  void add(Subtree node, std::uint32_t begin, TSSymbol alias, TSFieldId field) {
    const TSSymbol symbol = alias != 0 ? alias : ts_subtree_symbol(node);
    builder_.add(
        {.range = {begin, begin + ts_subtree_size(node).bytes},
         .symbol = symbol == ts_builtin_sym_error ? symbol : language_->public_symbol_map[symbol],
         .field = field,
         .named = alias != 0 ? grammar_.named(alias) : ts_subtree_named(node),
         .missing = ts_subtree_missing(node)});
  }

  void enter(Subtree node, std::uint32_t begin, TSFieldId outer_field, bool is_visible) {
    Level level{};
    level.next = ts_subtree_children(node);
    level.end = level.next + ts_subtree_child_count(node);
    const std::uint16_t production = node.ptr->production_id;
    level.aliases = ts_language_alias_sequence(language_, production);
    ts_language_field_map(language_, production, &level.fields, &level.fields_end);
    // The space before a node is counted with its first child, too.
    level.position = begin - ts_subtree_padding(*level.next).bytes;
    level.outer_field = outer_field;
    level.visible = is_visible;
    levels_.push_back(level);
  }

  const TSLanguage* language_;
  const GrammarMap& grammar_;
  TreeBuilder& builder_;
  std::vector<Level> levels_;
};

}  // namespace

void copy_subtrees(const TSTree* source, TreeBuilder& builder) {
  SubtreeReader(source, builder).read(source->root);
}

}  // namespace dagfix

#include "syntax/tree_builder.hpp"

namespace dagfix {

namespace {

void add(const TSTreeCursor& cursor, TreeBuilder& builder) {
  const TSNode node = ts_tree_cursor_current_node(&cursor);
  builder.add({.range = {ts_node_start_byte(node), ts_node_end_byte(node)},
               .symbol = ts_node_symbol(node),
               .field = ts_tree_cursor_current_field_id(&cursor),
               .named = ts_node_is_named(node),
               .missing = ts_node_is_missing(node)});
}

bool has_children(const TSTreeCursor& cursor) {
  return ts_node_child_count(ts_tree_cursor_current_node(&cursor)) > 0;
}

}  // namespace

void copy_with_cursor(const TSTree* source, TreeBuilder& builder) {
  TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(source));
  add(cursor, builder);
  for (bool more = true; more;) {
    if (has_children(cursor) && builder.open()) {
      ts_tree_cursor_goto_first_child(&cursor);
      add(cursor, builder);
      continue;
    }
    while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
      if (!ts_tree_cursor_goto_parent(&cursor)) {
        more = false;
        break;
      }
      builder.close();
    }
    if (more) add(cursor, builder);
  }
  ts_tree_cursor_delete(&cursor);
}

}  // namespace dagfix

#pragma once

#include <tree_sitter/api.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/refused.hpp"
#include "syntax/tree.hpp"

namespace dagfix {

/// The grammar's numbers of symbols and fields as kinds and fields.
class GrammarMap {
 public:
  static const GrammarMap& python();

  Kind kind(TSSymbol symbol) const { return symbol < kinds_.size() ? kinds_[symbol] : Kind::error; }
  bool named(TSSymbol symbol) const { return symbol >= named_.size() || named_[symbol]; }
  /// The grammar numbers its fields from 1 in alphabetical order, as the enum does.
  static Field field(TSFieldId id) { return static_cast<Field>(id); }

 private:
  GrammarMap();

  std::vector<Kind> kinds_;
  std::vector<bool> named_;
};

/// Makes the flat array of a SyntaxTree from nodes that come in pre-order.
class TreeBuilder {
 public:
  /// The flat copy of what tree-sitter made of a text.
  static SyntaxTree copy(std::string_view text, const TSTree* source);
  /// The same tree without tree-sitter's parser, some times as fast. Empty: it has to say. Only for
  /// the release that tools/npm pins. `parsed` is the text with LF for each lone CR.
  static std::optional<SyntaxTree> parse(std::string_view text, std::string_view parsed);
  /// A tree of nothing with an error.
  static SyntaxTree give_up(std::string_view text, std::uint32_t at, std::string message);

  /// `text` has to outlive the tree.
  TreeBuilder(SyntaxTree& tree, std::string_view text);

  struct Item {
    ByteRange range;
    TSSymbol symbol = 0;
    TSFieldId field = 0;
    bool named = false;
    bool missing = false;
  };

  /// Makes room for this many nodes.
  void expect(std::size_t count) { tree_.nodes_.reserve(count); }
  /// A child of the node that was opened last.
  void add(const Item& item);
  /// What is added next lies below the node that was added last. False: that is too deep, and has
  /// to be left out.
  bool open();
  /// The node that was opened last has no more children.
  void close();
  /// To be called when all nodes are there.
  void note_errors();

 private:
  static constexpr TSSymbol kNoSymbol = 0;  // the end of the text, which is never missing

  struct Suspect {
    std::uint32_t id;
    TSSymbol missing;  // what is missing here, or kNoSymbol
  };

  void note_indentation();
  void note_too_deep(std::uint32_t at);

  SyntaxTree& tree_;
  const GrammarMap& grammar_;
  std::uint32_t text_size_;
  std::vector<std::uint32_t> open_;
  std::uint32_t previous_ = 0;  // the sibling before the next node
  std::vector<Suspect> suspects_;
  bool too_deep_ = false;
};

// Called for every node: these have to be inlined.

inline void TreeBuilder::add(const Item& item) {
  const auto id = static_cast<std::uint32_t>(tree_.nodes_.size());
  SyntaxTree::Data data{};
  data.range = {std::min(item.range.begin, text_size_), std::min(item.range.end, text_size_)};
  data.parent = open_.empty() ? 0 : open_.back();
  data.subtree_end = id + 1;
  data.kind = grammar_.kind(item.symbol);
  data.field = GrammarMap::field(item.field);
  data.named = item.named;
  if (previous_ != 0) tree_.nodes_[previous_].next_sibling = id;
  previous_ = id;
  tree_.nodes_.push_back(data);
  if (item.missing || data.kind == Kind::error || may_be_refused(data.kind)) {
    suspects_.push_back({id, item.missing ? item.symbol : kNoSymbol});
  }
  if (open_.size() == SyntaxTree::kMaxDepth) note_too_deep(data.range.begin);
}

inline bool TreeBuilder::open() {
  const std::uint32_t last = tree_.size() - 1;
  if (open_.size() == SyntaxTree::kMaxDepth) {
    // It is no empty block: its children are left out.
    if (tree_.node(last).is(Kind::block)) suspects_.pop_back();
    return false;
  }
  open_.push_back(last);
  previous_ = 0;
  return true;
}

inline void TreeBuilder::close() {
  previous_ = open_.back();
  open_.pop_back();
  tree_.nodes_[previous_].subtree_end = tree_.size();
}

/// Adds all visible nodes of a tree of tree-sitter, through its public interface.
void copy_with_cursor(const TSTree* source, TreeBuilder& builder);

/// The same, five times as fast, from tree-sitter's own structures. Only for the release that
/// tools/npm pins.
void copy_subtrees(const TSTree* source, TreeBuilder& builder);

}  // namespace dagfix

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/finding.hpp"
#include "syntax/kinds.hpp"

namespace dagfix {

class SyntaxTree;

/// A cheap view of one node; valid as long as its tree. A default node is null: kind() is
/// Kind::null, its range is empty, and all its relatives are null.
class Node {
 public:
  Node() = default;
  Node(const SyntaxTree* tree, std::uint32_t id) : tree_(tree), id_(id) {}

  explicit operator bool() const { return tree_ != nullptr; }
  bool operator==(const Node& other) const { return tree_ == other.tree_ && id_ == other.id_; }

  /// Index in the pre-order of the tree.
  std::uint32_t id() const { return id_; }
  Kind kind() const;
  Field field() const;
  bool is(Kind wanted) const { return kind() == wanted; }
  bool named() const;
  ByteRange range() const;
  std::uint32_t begin() const { return range().begin; }
  std::uint32_t end() const { return range().end; }
  std::string_view text() const;

  Node parent() const;
  Node first_child() const;
  Node next_sibling() const;
  /// The first child with this field.
  Node child(Field field) const;
  /// The first child of this kind.
  Node child(Kind kind) const;
  /// Children that are named, without comments and backslashes at line ends.
  std::vector<Node> named_children() const;
  /// The nearest ancestor of this kind.
  Node ancestor(Kind kind) const;
  /// Whether `other` is this node or below it.
  bool encloses(Node other) const;

 private:
  const SyntaxTree* tree_ = nullptr;
  std::uint32_t id_ = 0;
};

/// A place that Python does not accept.
struct SyntaxError {
  ByteRange range;
  std::string message;
};

/// The syntax tree of one file as a flat pre-order array. Keeps a view of the text: the
/// SourceFile must outlive it. Never fails: wrong text gives errors() and a tree of the rest.
class SyntaxTree {
 public:
  /// Deeper nesting is an error; CPython's own parser stops far earlier.
  static constexpr std::uint32_t kMaxDepth = 2000;

  static SyntaxTree parse(std::string_view text);

  std::string_view text() const { return text_; }
  Node root() const { return {this, 0}; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
  Node node(std::uint32_t id) const { return {this, id}; }
  /// Errors in order of position.
  const std::vector<SyntaxError>& errors() const { return errors_; }
  /// One past the last descendant of a node.
  std::uint32_t subtree_end(std::uint32_t id) const { return nodes_[id].subtree_end; }

 private:
  friend class Node;
  friend class TreeBuilder;

  struct Data {
    ByteRange range;
    std::uint32_t parent;
    std::uint32_t next_sibling;  // 0: none
    std::uint32_t subtree_end;
    Kind kind;
    Field field;
    bool named;
  };

  std::string_view text_;
  std::vector<Data> nodes_;
  std::vector<SyntaxError> errors_;
};

// The accessors are called for every node by every rule: they have to be inlined.

inline Kind Node::kind() const { return tree_ ? tree_->nodes_[id_].kind : Kind::null; }
inline Field Node::field() const { return tree_ ? tree_->nodes_[id_].field : Field::none; }
inline bool Node::named() const { return tree_ && tree_->nodes_[id_].named; }
inline ByteRange Node::range() const { return tree_ ? tree_->nodes_[id_].range : ByteRange{}; }

inline Node Node::parent() const {
  if (!tree_ || id_ == 0) return {};
  return {tree_, tree_->nodes_[id_].parent};
}

inline Node Node::first_child() const {
  if (!tree_ || tree_->nodes_[id_].subtree_end <= id_ + 1) return {};
  return {tree_, id_ + 1};
}

inline Node Node::next_sibling() const {
  if (!tree_ || tree_->nodes_[id_].next_sibling == 0) return {};
  return {tree_, tree_->nodes_[id_].next_sibling};
}

}  // namespace dagfix

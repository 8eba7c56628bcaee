#include "syntax/tree.hpp"

#include <tree_sitter/api.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "syntax/parse_memory.hpp"
#include "syntax/tree_builder.hpp"

extern "C" const TSLanguage* tree_sitter_python(void);

namespace dagfix {

namespace {

struct ParserDeleter {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};
struct TreeDeleter {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using ParserPtr = std::unique_ptr<TSParser, ParserDeleter>;
using TreePtr = std::unique_ptr<TSTree, TreeDeleter>;

/// The text as Python reads it: a lone CR ends a line. Empty if nothing is to be changed.
std::string with_lone_cr_as_lf(std::string_view text) {
  std::string changed;
  for (std::size_t at = text.find('\r'); at != std::string_view::npos;
       at = text.find('\r', at + 1)) {
    if (at + 1 < text.size() && text[at + 1] == '\n') continue;
    if (changed.empty()) changed = text;
    changed[at] = '\n';
  }
  return changed;
}

/// Offset of the bracket that is nested too deep to be parsed in reasonable time. Brackets in
/// strings count too; no readable file has so many of them open.
std::optional<std::uint32_t> too_deep_bracket(std::string_view text) {
  constexpr int kMaxOpen = 1000;
  const auto opens = [](char c) { return c == '(' || c == '[' || c == '{'; };
  if (std::ranges::count_if(text, opens) <= kMaxOpen) return std::nullopt;
  int open = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '(':
      case '[':
      case '{':
        if (++open > kMaxOpen) return static_cast<std::uint32_t>(i);
        break;
      case ')':
      case ']':
      case '}':
        open = std::max(0, open - 1);
        break;
      default:
        break;
    }
  }
  return std::nullopt;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

/// Offset of the line that is indented by more levels than Python takes (100), and than the
/// grammar's scanner can keep. Lines in strings count too, in the same hope as above.
std::optional<std::uint32_t> too_deep_indent(std::string_view text) {
  constexpr std::size_t kMostLevels = 100;
  std::vector<std::size_t> levels;
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t code = at;
    while (code < text.size() && is_blank(text[code])) ++code;
    if (code == text.size()) break;
    if (text[code] != '\n' && text[code] != '\r' && text[code] != '#') {
      const std::size_t width = code - at;
      while (!levels.empty() && levels.back() >= width) levels.pop_back();
      levels.push_back(width);
      if (levels.size() > kMostLevels + 1) return static_cast<std::uint32_t>(code);
    }
    const std::size_t end = text.find('\n', code);
    if (end == std::string_view::npos) break;
    at = end + 1;
  }
  return std::nullopt;
}

}  // namespace

SyntaxTree SyntaxTree::parse(std::string_view text) {
  SyntaxTree tree;
  tree.text_ = text;
  const std::string normalised = with_lone_cr_as_lf(text);
  const std::string_view parsed = normalised.empty() ? text : std::string_view(normalised);
  const auto give_up = [&](std::uint32_t at, std::string message) {
    tree.nodes_.push_back(
        {{0, static_cast<std::uint32_t>(text.size())}, 0, 0, 1, Kind::module, Field::none, true});
    tree.errors_.push_back({{at, at + 1}, std::move(message)});
  };
  if (const auto at = too_deep_bracket(parsed)) {
    give_up(*at, "brackets nested more than 1000 deep");
    return tree;
  }
  if (const auto at = too_deep_indent(parsed)) {
    give_up(*at, "indented by more than 100 levels");
    return tree;
  }
  const ParseMemory memory(parsed.size());
  const ParserPtr parser(ts_parser_new());
  ts_parser_set_language(parser.get(), tree_sitter_python());
  const auto size = static_cast<std::uint32_t>(parsed.size());
  TreePtr source(ts_parser_parse_string(parser.get(), nullptr, parsed.data(), size));
  TreeBuilder builder(tree, size);
#ifdef DAGFIX_PINNED_TREE_SITTER
  copy_subtrees(source.get(), builder);
#else
  copy_with_cursor(source.get(), builder);
#endif
  builder.note_errors();
  if (memory.frees_all()) (void)source.release();
  return tree;
}

std::string_view Node::text() const {
  if (!tree_) return {};
  const ByteRange r = range();
  return tree_->text_.substr(r.begin, r.end - r.begin);
}

Node Node::child(Field wanted) const {
  for (Node child = first_child(); child; child = child.next_sibling()) {
    if (child.field() == wanted) return child;
  }
  return {};
}

Node Node::child(Kind wanted) const {
  for (Node child = first_child(); child; child = child.next_sibling()) {
    if (child.is(wanted)) return child;
  }
  return {};
}

std::vector<Node> Node::named_children() const {
  std::vector<Node> result;
  for (Node child = first_child(); child; child = child.next_sibling()) {
    if (child.named() && !child.is(Kind::comment)) result.push_back(child);
  }
  return result;
}

Node Node::ancestor(Kind wanted) const {
  Node node = parent();
  while (node && !node.is(wanted)) node = node.parent();
  return node;
}

bool Node::encloses(Node other) const {
  return tree_ && tree_ == other.tree_ && id_ <= other.id_ &&
         other.id_ < tree_->nodes_[id_].subtree_end;
}

}  // namespace dagfix

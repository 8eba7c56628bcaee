#include "syntax/tree.hpp"

#include <tree_sitter/api.h>

#include <algorithm>
#include <optional>

#include "syntax/builder.hpp"
#include "syntax/lean_parser.hpp"
#include "syntax/parse_memory.hpp"
#include "syntax/prepare.hpp"
#include "syntax/tree_builder.hpp"

extern "C" const TSLanguage* tree_sitter_python(void);

namespace dagfix {

namespace {

/// Offset of the bracket that is nested too deep to be parsed in reasonable time. Brackets in
/// strings count too; no readable file has so many of them open.
std::optional<std::uint32_t> too_deep_bracket(std::string_view text) {
  constexpr int kMaxOpen = 1000;
  // Counting them all takes a fraction of the time that following them takes.
  const auto is_open = [](char c) { return c == '(' || c == '[' || c == '{'; };
  int all = 0;
  for (const char c : text) all += is_open(c) ? 1 : 0;
  if (all <= kMaxOpen) return std::nullopt;
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

ParserPtr make_parser() {
#ifdef DAGFIX_PINNED_TREE_SITTER
  return make_fast_parser();
#else
  ParserPtr parser(ts_parser_new());
  ts_parser_set_language(parser.get(), tree_sitter_python());
  return parser;
#endif
}

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

std::optional<SyntaxTree> refused(std::string_view text, std::string_view parsed) {
  if (const auto at = too_deep_bracket(parsed)) {
    return TreeBuilder::give_up(text, *at, "brackets nested more than 1000 deep");
  }
  if (const auto at = too_deep_indent(parsed)) {
    return TreeBuilder::give_up(text, *at, "indented by more than 100 levels");
  }
  return std::nullopt;
}

void prepare_parser() {
  GrammarMap::python();
#ifdef DAGFIX_PINNED_TREE_SITTER
  prepare_lean();
#endif
}

SyntaxTree SyntaxTree::parse(std::string_view text) {
  const std::string normalised = with_lone_cr_as_lf(text);
  const std::string_view parsed = normalised.empty() ? text : std::string_view(normalised);
  if (auto tree = refused(text, parsed)) return *std::move(tree);
  const ParseMemory memory(parsed.size());
#ifdef DAGFIX_PINNED_TREE_SITTER
  if (auto tree = TreeBuilder::parse(text, parsed)) return *std::move(tree);
#endif
  const ParserPtr parser = make_parser();
  const auto size = static_cast<std::uint32_t>(parsed.size());
  TreePtr source(ts_parser_parse_string(parser.get(), nullptr, parsed.data(), size));
  SyntaxTree tree = TreeBuilder::copy(text, source.get());
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
    const bool is_extra = child.is(Kind::comment) || child.is(Kind::line_continuation);
    if (child.named() && !is_extra) result.push_back(child);
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

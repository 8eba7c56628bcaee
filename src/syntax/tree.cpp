#include "syntax/tree.hpp"

#include <fmt/format.h>
#include <tree_sitter/api.h>

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "syntax/builder.hpp"
#include "syntax/parse_memory.hpp"

extern "C" const TSLanguage* tree_sitter_python(void);

namespace dagfix {

namespace {

/// The grammar's symbol and field numbers as kinds and fields.
struct GrammarMap {
  std::vector<Kind> kinds;
  std::vector<Field> fields;

  GrammarMap() {
    const TSLanguage* language = tree_sitter_python();
    std::unordered_map<std::string_view, Kind> named;
    std::unordered_map<std::string_view, Kind> tokens;
#define DAGFIX_KIND(name, text) named.emplace(text, Kind::name);
    DAGFIX_NODE_KINDS(DAGFIX_KIND)
#undef DAGFIX_KIND
#define DAGFIX_KIND(name, text) tokens.emplace(text, Kind::name);
    DAGFIX_TOKEN_KINDS(DAGFIX_KIND)
#undef DAGFIX_KIND
    const std::uint32_t count = ts_language_symbol_count(language);
    kinds.resize(count, Kind::token);
    for (std::uint32_t symbol = 0; symbol < count; ++symbol) {
      const auto id = static_cast<TSSymbol>(symbol);
      const bool is_named = ts_language_symbol_type(language, id) == TSSymbolTypeRegular;
      const auto& table = is_named ? named : tokens;
      const auto found = table.find(ts_language_symbol_name(language, id));
      if (found != table.end()) kinds[symbol] = found->second;
    }
    const std::uint32_t field_count = ts_language_field_count(language);
    fields.resize(field_count + 1, Field::none);
    // The grammar numbers its fields from 1 in alphabetical order, as the enum does.
    for (std::uint32_t field = 1; field <= field_count; ++field) {
      fields[field] = static_cast<Field>(field);
    }
  }
};

const GrammarMap& grammar() {
  static const GrammarMap map;
  return map;
}

/// Offset of the bracket that is nested too deep to be parsed in reasonable time. Brackets in
/// strings count too; no readable file has so many of them open.
std::optional<std::uint32_t> too_deep_bracket(std::string_view text) {
  constexpr int kMaxOpen = 1000;
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

/// Offset of the line that is indented by more levels than Python takes (100), and than the
/// grammar's scanner can keep. Lines in strings count too, in the same hope as above.
std::optional<std::uint32_t> too_deep_indent(std::string_view text) {
  constexpr std::size_t kMostLevels = 100;
  std::vector<std::size_t> levels;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t code = text.find_first_not_of(" \t\f", at);
    if (code == std::string_view::npos) break;
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

/// Copies a tree-sitter tree into the flat array, without recursion.
class TreeBuilder {
 public:
  static SyntaxTree copy(std::string_view text, TSTree* source) {
    SyntaxTree tree;
    tree.text_ = text;
    TreeBuilder(tree, static_cast<std::uint32_t>(text.size())).build(source);
    std::ranges::stable_sort(tree.errors_, {}, &SyntaxError::range);
    return tree;
  }

  static SyntaxTree give_up(std::string_view text, std::uint32_t at, std::string message) {
    SyntaxTree tree;
    tree.text_ = text;
    tree.nodes_.push_back(
        {{0, static_cast<std::uint32_t>(text.size())}, 0, 0, 1, Kind::module, Field::none, true});
    tree.errors_.push_back({{at, at + 1}, std::move(message)});
    return tree;
  }

 private:
  TreeBuilder(SyntaxTree& tree, std::uint32_t text_size) : tree_(tree), text_size_(text_size) {}

  void build(TSTree* source) {
    TSTreeCursor cursor = ts_tree_cursor_new(ts_tree_root_node(source));
    tree_.nodes_.reserve(text_size_ / 3 + 16);
    add(cursor);
    std::uint32_t depth = 0;
    for (bool more = true; more;) {
      if (has_children_ && depth < SyntaxTree::kMaxDepth &&
          ts_tree_cursor_goto_first_child(&cursor)) {
        ++depth;
        if (depth == SyntaxTree::kMaxDepth) note_too_deep(ts_tree_cursor_current_node(&cursor));
        open_.push_back(last_);
        previous_ = 0;
        add(cursor);
        continue;
      }
      close(last_);
      while (!ts_tree_cursor_goto_next_sibling(&cursor)) {
        if (!ts_tree_cursor_goto_parent(&cursor)) {
          more = false;
          break;
        }
        --depth;
        previous_ = open_.back();
        open_.pop_back();
        close(previous_);
      }
      if (more) add(cursor);
    }
    ts_tree_cursor_delete(&cursor);
  }

  void add(const TSTreeCursor& cursor) {
    const TSNode node = ts_tree_cursor_current_node(&cursor);
    const auto id = static_cast<std::uint32_t>(tree_.nodes_.size());
    SyntaxTree::Data data{};
    data.range = {std::min(ts_node_start_byte(node), text_size_),
                  std::min(ts_node_end_byte(node), text_size_)};
    data.parent = open_.empty() ? 0 : open_.back();
    const TSSymbol symbol = ts_node_symbol(node);
    data.kind = symbol == static_cast<TSSymbol>(-1) ? Kind::error : grammar().kinds[symbol];
    data.field = grammar().fields[ts_tree_cursor_current_field_id(&cursor)];
    data.named = ts_node_is_named(node);
    if (previous_ != 0) tree_.nodes_[previous_].next_sibling = id;
    has_children_ = ts_node_child_count(node) > 0;
    note_errors(node, data);
    tree_.nodes_.push_back(data);
    previous_ = id;
    last_ = id;
  }

  void close(std::uint32_t id) {
    tree_.nodes_[id].subtree_end = static_cast<std::uint32_t>(tree_.nodes_.size());
  }

  void note_errors(TSNode node, const SyntaxTree::Data& data) {
    if (ts_node_is_missing(node)) {
      tree_.errors_.push_back({data.range, fmt::format("expected '{}'", ts_node_type(node))});
    } else if (data.kind == Kind::error) {
      tree_.errors_.push_back({data.range, "invalid syntax"});
    } else if (data.kind == Kind::block && ts_node_child_count(node) == 0) {
      tree_.errors_.push_back({data.range, "expected an indented block"});
    } else if (data.kind == Kind::print_statement) {
      tree_.errors_.push_back({data.range, "Python 2 print statement"});
    } else if (data.kind == Kind::exec_statement) {
      tree_.errors_.push_back({data.range, "Python 2 exec statement"});
    } else if (data.kind == Kind::old_not_equal) {
      tree_.errors_.push_back({data.range, "Python 2 operator '<>'"});
    } else if (data.kind == Kind::except_clause) {
      note_python2_except(node);
    }
  }

  void note_python2_except(TSNode node) {
    for (std::uint32_t i = 0; i < ts_node_child_count(node); ++i) {
      const TSNode child = ts_node_child(node, i);
      if (std::string_view(ts_node_type(child)) != ",") continue;
      tree_.errors_.push_back({{ts_node_start_byte(child), ts_node_end_byte(child)},
                               "Python 2 except clause: write 'as' instead of ','"});
      return;
    }
  }

  void note_too_deep(TSNode node) {
    if (too_deep_) return;
    too_deep_ = true;
    tree_.errors_.push_back({{ts_node_start_byte(node), ts_node_start_byte(node)},
                             fmt::format("nested more than {} deep", SyntaxTree::kMaxDepth)});
  }

  SyntaxTree& tree_;
  std::uint32_t text_size_;
  std::vector<std::uint32_t> open_;
  std::uint32_t previous_ = 0;
  std::uint32_t last_ = 0;
  bool has_children_ = false;
  bool too_deep_ = false;
};

ParserPtr make_parser() {
  ParserPtr parser(ts_parser_new());
  ts_parser_set_language(parser.get(), tree_sitter_python());
  return parser;
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

SyntaxTree flat_copy(std::string_view text, TSTree* source) {
  return TreeBuilder::copy(text, source);
}

SyntaxTree SyntaxTree::parse(std::string_view text) {
  const std::string normalised = with_lone_cr_as_lf(text);
  const std::string_view parsed = normalised.empty() ? text : std::string_view(normalised);
  if (auto tree = refused(text, parsed)) return *std::move(tree);
  const ParseMemory memory(parsed.size());
  const ParserPtr parser = make_parser();
  const auto size = static_cast<std::uint32_t>(parsed.size());
  TreePtr source(ts_parser_parse_string(parser.get(), nullptr, parsed.data(), size));
  SyntaxTree tree = flat_copy(text, source.get());
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

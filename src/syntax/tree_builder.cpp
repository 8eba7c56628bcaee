#include "syntax/tree_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "syntax/lean_parser.hpp"
#include "syntax/refused.hpp"

extern "C" const TSLanguage* tree_sitter_python(void);

namespace dagfix {

GrammarMap::GrammarMap() {
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
  kinds_.resize(count, Kind::token);
  named_.resize(count, false);
  for (std::uint32_t symbol = 0; symbol < count; ++symbol) {
    const auto id = static_cast<TSSymbol>(symbol);
    named_[symbol] = ts_language_symbol_type(language, id) == TSSymbolTypeRegular;
    const auto& table = named_[symbol] ? named : tokens;
    const auto found = table.find(ts_language_symbol_name(language, id));
    if (found != table.end()) kinds_[symbol] = found->second;
  }
}

const GrammarMap& GrammarMap::python() {
  static const GrammarMap map;
  return map;
}

TreeBuilder::TreeBuilder(SyntaxTree& tree, std::string_view text)
    : tree_(tree),
      grammar_(GrammarMap::python()),
      text_size_(static_cast<std::uint32_t>(text.size())) {
  tree_.text_ = text;
}

#ifdef DAGFIX_PINNED_TREE_SITTER
std::optional<SyntaxTree> TreeBuilder::parse(std::string_view text, std::string_view parsed) {
  SyntaxTree tree;
  TreeBuilder builder(tree, text);
  if (parse_lean(parsed, builder) != LeanEnd::accepted) return std::nullopt;
  builder.note_errors();
  return tree;
}
#endif

SyntaxTree TreeBuilder::copy(std::string_view text, const TSTree* source) {
  SyntaxTree tree;
  TreeBuilder builder(tree, text);
  builder.expect(text.size() / 2 + 16);
#ifdef DAGFIX_PINNED_TREE_SITTER
  copy_subtrees(source, builder);
#else
  copy_with_cursor(source, builder);
#endif
  builder.note_errors();
  return tree;
}

SyntaxTree TreeBuilder::give_up(std::string_view text, std::uint32_t at, std::string message) {
  SyntaxTree tree;
  tree.text_ = text;
  tree.nodes_.push_back(
      {{0, static_cast<std::uint32_t>(text.size())}, 0, 0, 1, Kind::module, Field::none, true});
  tree.errors_.push_back({{at, at + 1}, std::move(message)});
  return tree;
}

void TreeBuilder::note_errors() {
  for (const Suspect& suspect : suspects_) {
    const Node node = tree_.node(suspect.id);
    if (suspect.missing != kNoSymbol) {
      const char* const name = ts_language_symbol_name(tree_sitter_python(), suspect.missing);
      tree_.errors_.push_back({node.range(), fmt::format("expected '{}'", name)});
    } else if (node.is(Kind::error)) {
      tree_.errors_.push_back({node.range(), "invalid syntax"});
    } else if (auto error = refused(node)) {
      tree_.errors_.push_back(*std::move(error));
    }
  }
  note_indentation();
  std::ranges::stable_sort(tree_.errors_, {}, &SyntaxError::range);
}

void TreeBuilder::note_indentation() {
  // Where something else is wrong, a statement may be in no block of its own.
  if (!tree_.errors_.empty()) return;
  const auto note = [&](Node block) {
    if (auto error = wrong_indentation(block, tree_.text()))
      tree_.errors_.push_back(*std::move(error));
  };
  note(tree_.root());
  for (const Suspect& suspect : suspects_) {
    const Node node = tree_.node(suspect.id);
    if (node.is(Kind::block)) note(node);
  }
}

void TreeBuilder::note_too_deep(std::uint32_t at) {
  if (too_deep_) return;
  too_deep_ = true;
  tree_.errors_.push_back(
      {{at, at}, fmt::format("nested more than {} deep", SyntaxTree::kMaxDepth)});
}

}  // namespace dagfix

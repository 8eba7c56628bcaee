// Any bytes as a file. The last byte chooses the versions.
#include <cstdio>
#include <cstdlib>

#include "fuzz/properties.hpp"
#include "syntax/builder.hpp"
#include "syntax/tree_builder.hpp"

namespace {

using namespace dagfix;

#ifdef DAGFIX_PINNED_TREE_SITTER
bool are_same(const SyntaxTree& left, const SyntaxTree& right) {
  if (left.size() != right.size() || left.errors().size() != right.errors().size()) return false;
  for (std::uint32_t id = 0; id < left.size(); ++id) {
    const Node a = left.node(id);
    const Node b = right.node(id);
    if (a.kind() != b.kind() || a.field() != b.field() || a.named() != b.named() ||
        a.begin() != b.begin() || a.end() != b.end() || a.parent().id() != b.parent().id() ||
        a.next_sibling().id() != b.next_sibling().id() ||
        left.subtree_end(id) != right.subtree_end(id)) {
      return false;
    }
  }
  return true;
}

/// Whether the lean parser makes what tree-sitter makes, if it makes anything.
bool is_read_as_by_tree_sitter(std::string_view text) {
  const std::string changed = with_lone_cr_as_lf(text);
  const std::string_view parsed = changed.empty() ? text : std::string_view(changed);
  if (refused(text, parsed)) return true;
  const auto lean = TreeBuilder::parse(text, parsed);
  if (!lean) return true;
  const TreePtr source(ts_parser_parse_string(make_parser().get(), nullptr, parsed.data(),
                                              static_cast<std::uint32_t>(parsed.size())));
  return are_same(*lean, TreeBuilder::copy(text, source.get()));
}
#else
bool is_read_as_by_tree_sitter(std::string_view) { return true; }
#endif

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fuzz::RuleSets rules;
  if (size == 0) return 0;
  const std::string bytes(data, data + size - 1);
  const auto file = SourceFile::decode("dags/dag.py", bytes);
  if (!file) {
    if (file.error().empty() || file.error().contains('\n')) std::abort();
    return 0;
  }
  if (!is_read_as_by_tree_sitter(file->text())) {
    std::fputs("the lean parser and tree-sitter make different trees\n", stderr);
    std::abort();
  }
  fuzz::ByteSource choices({data, size});
  const RuleSet& set = rules.all()[data[size - 1] % rules.all().size()];
  if (const std::string broken = fuzz::broken_promise(*file, set, choices); !broken.empty()) {
    std::fprintf(stderr, "%s\n", broken.c_str());
    std::abort();
  }
  return 0;
}

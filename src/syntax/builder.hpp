#pragma once

#include <tree_sitter/api.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "syntax/tree.hpp"

namespace dagfix {

struct ParserDeleter {
  void operator()(TSParser* parser) const { ts_parser_delete(parser); }
};
struct TreeDeleter {
  void operator()(TSTree* tree) const { ts_tree_delete(tree); }
};
using ParserPtr = std::unique_ptr<TSParser, ParserDeleter>;
using TreePtr = std::unique_ptr<TSTree, TreeDeleter>;

/// A parser for Python.
ParserPtr make_parser();
/// The same, faster, by tree-sitter's own structures. Only for the release that tools/npm pins.
ParserPtr make_fast_parser();

/// The text as Python reads it: a lone CR ends a line. Empty if nothing is to be changed.
std::string with_lone_cr_as_lf(std::string_view text);

/// A tree of nothing with an error, if `parsed` is nested too deep to be given to tree-sitter.
std::optional<SyntaxTree> refused(std::string_view text, std::string_view parsed);

}  // namespace dagfix

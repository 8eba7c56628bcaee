#pragma once

#include <cstdint>
#include <string_view>

#include "syntax/tree_builder.hpp"

namespace dagfix {

/// Why the lean parser leaves a text to tree-sitter.
enum class LeanEnd : std::uint8_t {
  accepted,
  no_token,        // no token of the grammar here
  no_action,       // a token that cannot be here
  unusual_action,  // one that no right text leads to
  many_versions,   // more readings at once than tree-sitter keeps
  ambiguous,       // two readings that it would keep in one stack
};

/// Parses Python with tree-sitter's tables and without its parser, some times as fast. It reads
/// right text only: with an error, or where it is not certain what tree-sitter would do, it adds
/// nothing to the builder and says why. Only for the release that tools/npm pins.
LeanEnd parse_lean(std::string_view text, TreeBuilder& builder);

/// Makes the tables, which the first parse would do.
void prepare_lean();

}  // namespace dagfix

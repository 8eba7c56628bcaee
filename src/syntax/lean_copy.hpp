#pragma once

#include "syntax/lean_stack.hpp"
#include "syntax/tree_builder.hpp"

namespace dagfix {

/// Adds all visible nodes of a tree.
void copy_lean(const LeanTables& tables, const LeanArena& arena, const LeanNode& root,
               TreeBuilder& builder);

}  // namespace dagfix

#pragma once

#include "rules/context.hpp"

namespace dagfix {

/// Rules of kind "api": what they know of names and arguments is in rules/api/history.tsv.

/// An import, or a name by its path, that a module does not have any more.
void check_removed_import(const RuleContext& context);
/// A keyword that a class or function does not take any more.
void check_unknown_argument(const RuleContext& context);
/// An argument that a call has to give now.
void check_missing_argument(const RuleContext& context);
/// A positional argument that means something else now.
void check_argument_order(const RuleContext& context);

}  // namespace dagfix

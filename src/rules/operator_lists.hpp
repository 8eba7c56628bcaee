#pragma once

#include <optional>
#include <vector>

#include "project/output_level.hpp"
#include "rules/context.hpp"

namespace dagfix {

/// The level at which the operator writes that an expression denotes.
Level level_of(const RuleContext& context, Node operator_expression);

/// The level of all operators of a list; unknown if they differ or cannot be told.
Level level_of_all(const RuleContext& context, Node list);

/// The expressions behind all operators that a list, a name of one, a sum, or a comprehension can
/// hold; nothing if that cannot be told.
std::optional<std::vector<Node>> operators_in(const SemanticModel& model, Node list);

/// Whether an expression has no effect, so that it can be written twice.
bool is_repeatable(Node expression);

}  // namespace dagfix

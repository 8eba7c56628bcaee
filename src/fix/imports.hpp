#pragma once

#include <span>
#include <vector>

#include "fix/draft.hpp"

namespace dagfix {

/// Plans what some fixes together need of one import statement, as edits: names without use are
/// dropped, new imports stand where the old one stood; comments stay. All requests must concern
/// the same statement and not be empty.
std::vector<Edit> plan_statement(const SemanticModel& model,
                                 std::span<const ImportRequest> requests);

}  // namespace dagfix

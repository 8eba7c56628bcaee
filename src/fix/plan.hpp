#pragma once

#include <vector>

#include "dagfix/analyze.hpp"
#include "fix/draft.hpp"

namespace dagfix {

/// Turns drafts into findings with planned fixes. Fixes that share an import statement or an
/// edit become one; a fix that conflicts with an earlier one is left out (its finding stays, and
/// finds its fix in the next pass). Safe fixes come first, so that unsafe ones never hold them up.
/// `drafts` must be sorted; `parses` false: no fixes at all.
FileAnalysis plan(const SemanticModel& model, std::vector<DraftFinding> drafts, bool parses);

/// The same for a file without code: no fix of it asks for an import.
FileAnalysis plan(std::vector<DraftFinding> drafts);

}  // namespace dagfix

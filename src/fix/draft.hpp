#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dagfix/finding.hpp"
#include "semantic/model.hpp"

namespace dagfix {

/// `from module import name [as alias]`.
struct NewImport {
  std::string module;
  std::string name;
  std::string alias;  ///< Empty: none.

  auto operator<=>(const NewImport&) const = default;
};

/// What a fix needs of an import statement. The planner makes the edits.
struct ImportRequest {
  ImportId old = kNone;  ///< The imported name that the fix makes unnecessary or stands beside.
  bool drop = false;     ///< The old name has no use left.
  std::vector<NewImport> add;  ///< Imported in the same scope, unless they are already.
};

/// A fix before its imports are planned.
struct FixDraft {
  Safety safety = Safety::safe;
  std::string title;
  std::vector<Edit> edits;
  std::vector<ImportRequest> imports;
};

/// A finding before its fix is planned.
struct DraftFinding {
  ByteRange range;
  std::string message;
  std::string remedy;
  std::optional<Severity> severity;
  std::vector<Related> related;
  std::optional<FixDraft> fix;
  std::string rule;  ///< Filled in by RuleContext::report.
};

}  // namespace dagfix

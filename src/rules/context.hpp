#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "dag/dag.hpp"
#include "dagfix/finding.hpp"
#include "fix/draft.hpp"
#include "project/project.hpp"
#include "rules/rule_set.hpp"
#include "semantic/model.hpp"
#include "text/source_file.hpp"

namespace dagfix {

/// All that a rule may look at, and where it puts what it finds.
struct RuleContext {
  const SourceFile& file;
  const SemanticModel& model;
  const Project& project;
  const RuleSet& rules;
  const std::vector<DagInfo>& dags;
  const Rule* rule;  ///< The rule that runs.
  /// Whether a comment of the user suppresses this rule at a place; the comment counts as used.
  std::function<bool(ByteRange)> is_suppressed;
  std::vector<DraftFinding>* out;

  const SyntaxTree& tree() const { return model.tree(); }
  /// Reports at `range`. Severity is the rule's unless given.
  void report(DraftFinding finding) const;
  /// form_properties() of the file, which takes a look at all of its tree, once.
  const std::set<std::string, std::less<>>& form() const;

  mutable std::optional<std::set<std::string, std::less<>>> known_form = std::nullopt;
};

/// A rule's function.
using RuleFunction = void (*)(const RuleContext&);

/// The function of a kind ("operator", "argument", ...) or, for kind "code", of the rule's name;
/// null if there is none.
RuleFunction function_of(const Rule& rule);

/// Names of the rules of kind "code" that have a function.
std::vector<std::string_view> code_rule_names();

}  // namespace dagfix

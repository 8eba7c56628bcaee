#pragma once

#include <string>
#include <vector>

#include "dagfix/finding.hpp"

namespace dagfix {

class Project;
class RuleSet;
class SemanticModel;
class SourceFile;

/// What the analysis says about one file.
struct FileAnalysis {
  std::vector<Finding> findings;  ///< Sorted by begin, end, rule; suppressed ones are left out.
  std::vector<Fix> fixes;         ///< Planned; several findings may share one.
  bool parses = true;             ///< False: there is a syntax error and no fix is offered.
};

/// Findings and planned fixes of one file, Python or another kind that dagfix knows. A pure
/// function of its arguments: no output, no file access, no globals; safe to call from several
/// threads with the same rules and project.
FileAnalysis analyze(const SourceFile& file, const RuleSet& rules, const Project& project);

/// The same for a Python file of which there is a model already, made with the project's resolver.
FileAnalysis analyze(const SourceFile& file, const SemanticModel& model, const RuleSet& rules,
                     const Project& project);

/// What applying did to one file.
struct FixResult {
  std::string text;              ///< The new text (UTF-8); equal to the old one if nothing applied.
  std::vector<Finding> applied;  ///< Findings whose fix is in `text`; ranges of the old text.
  FileAnalysis left;             ///< Analysis of `text`.
  std::vector<std::string> bugs;  ///< Fixes that were dropped since they broke the syntax.
};

/// Applies all fixes up to `most` (safe or unsafe), parses again, and repeats until nothing
/// changes (at most eight times). Never returns text that parses worse than the old one.
FixResult fix(const SourceFile& file, const RuleSet& rules, const Project& project, Safety most);

}  // namespace dagfix

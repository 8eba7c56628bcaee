#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dagfix/finding.hpp"

namespace dagfix {

class Project;
struct Rule;
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

/// Both with `concerned`: what rules.rules_for() says of the text, where it was asked already.
using RuleList = std::vector<const Rule*>;
FileAnalysis analyze(const SourceFile& file, const RuleSet& rules, const Project& project,
                     const RuleList& concerned);
FileAnalysis analyze(const SourceFile& file, const SemanticModel& model, const RuleSet& rules,
                     const Project& project, const RuleList& concerned);

/// What applying did to one file.
struct FixResult {
  std::string text;              ///< The new text (UTF-8); equal to the old one if nothing applied.
  std::vector<Finding> applied;  ///< Findings whose fix is in `text`; ranges of the old text.
  FileAnalysis left;             ///< Analysis of `text`.
  /// What is wrong with the fixes, one line each: bugs of dagfix. `text` must not be used then.
  std::vector<std::string> bugs;
};

/// Applies all fixes up to `most` (safe or unsafe), parses again, and repeats until nothing
/// changes (at most eight times). A pass after which the text parses worse is dropped. Then the
/// graphs of the DAGs before and after are compared: what differs must be declared by the rules.
FixResult fix(const SourceFile& file, const RuleSet& rules, const Project& project, Safety most);

/// What is wrong with one planned fix made alone in a file of which `analysis` is the analysis:
/// like FixResult::bugs.
std::vector<std::string> bugs_of_fix(const SourceFile& file, const FileAnalysis& analysis,
                                     std::uint32_t fix, const RuleSet& rules,
                                     const Project& project);

}  // namespace dagfix

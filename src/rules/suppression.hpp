#pragma once

#include <span>
#include <string>
#include <vector>

#include "rules/rule_set.hpp"
#include "syntax/tree.hpp"
#include "text/source_file.hpp"

namespace dagfix {

/// One `# dagfix: ignore[...]` or `# dagfix: ignore-file[...]` comment.
struct Suppression {
  ByteRange range;         ///< Of the comment from "dagfix:" on.
  std::uint32_t line = 0;  ///< 1-based: the one that it holds for.
  bool whole_file = false;
  std::vector<std::string> rules;  ///< Codes or names as written; empty: every rule.
  std::vector<bool> used;          ///< Per rule; one element if `rules` is empty.
};

/// The suppressions of a file, in order of position.
std::vector<Suppression> find_suppressions(const SourceFile& file, const SyntaxTree& tree);

/// The same for a file that is not Python. A comment that has a line for itself holds for the next
/// line: a Dockerfile has no other comments.
std::vector<Suppression> find_suppressions(const SourceFile& file,
                                           std::span<const ByteRange> comments);

/// Marks the suppressions that hold for a rule at a place as used; whether there is one.
bool suppress(std::vector<Suppression>& suppressions, const RuleInfo& rule, LineColumn begin,
              LineColumn end);

}  // namespace dagfix

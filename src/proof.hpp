#pragma once

#include <span>
#include <string>
#include <vector>

#include "dagfix/finding.hpp"

namespace dagfix {

class Project;
class RuleSet;
class SourceFile;

/// The proof of a rewrite: what differs between the graphs of a file before and after it and is not
/// declared by the rules of the findings that were fixed. One line each, made for a bug report;
/// empty: nothing. What the versions alone make different is no difference. Files without DAGs, and
/// files that are not Python, have no graph. `fixed_project`: the project after the rewrite, if
/// other files of it change as well.
std::vector<std::string> unproven(const SourceFile& before, const SourceFile& after,
                                  std::span<const Finding> fixed, const RuleSet& rules,
                                  const Project& project, const Project* fixed_project = nullptr);

}  // namespace dagfix

#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/scan.hpp"
#include "project/project.hpp"
#include "rules/rule_set.hpp"

namespace dagfix {

/// The text of a file after its fixes, and the codes of the rules that made them.
struct FixedText {
  std::string text;
  std::set<std::string> rules;
};

/// What fixed modules change in the DAGs of a file that imports them, and may not.
struct BrokenImporter {
  std::size_t index = 0;          ///< Of the file with the DAGs.
  std::set<std::size_t> changed;  ///< The fixed files of which its DAGs are made.
  std::vector<std::string> what;  ///< One line each.
};

/// The proof of a rewrite of several files: compares the graphs of all files that import a fixed
/// module, directly or through others, before and after all fixes. `fixed` is by index; where it
/// is empty nothing has to be asked.
std::vector<BrokenImporter> broken_importers(const InputFiles& files, const Project& project,
                                             const RuleSet& rules,
                                             const std::map<std::size_t, FixedText>& fixed,
                                             unsigned jobs);

}  // namespace dagfix

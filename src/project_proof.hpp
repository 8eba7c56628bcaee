#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "project/project.hpp"
#include "rules/rule_set.hpp"

namespace dagfix {

/// The text of a file after its fixes, and the codes of the rules that made them.
struct FixedText {
  std::string text;
  std::set<std::string> rules;
};
/// By index of the project's paths.
using FixedTexts = std::map<std::size_t, FixedText>;

/// Which files of a project import which.
class ImportGraph {
 public:
  using Indices = std::set<std::size_t>;

  /// Reads the import statements of all Python files of the project.
  ImportGraph(const Project& project, unsigned jobs);

  /// Those of `fixed` of which a file is made; nothing if that is at most itself.
  Indices changed(std::size_t index, const FixedTexts& fixed) const;
  /// All files that some file is made of that is made of this one as well; itself included.
  Indices together_with(std::size_t index) const;
  /// Whether another file imports it.
  bool is_imported(std::size_t index) const { return !importers_[index].empty(); }

 private:
  std::vector<Indices> imported_;
  std::vector<Indices> importers_;
};

/// What fixed modules change in the DAGs of a file that imports them, and may not.
struct BrokenImporter {
  std::size_t index = 0;          ///< Of the file with the DAGs.
  std::set<std::size_t> changed;  ///< The fixed files of which its DAGs are made.
  std::vector<std::string> what;  ///< One line each.
};

/// What the user is told of one line of `what`.
std::string message(const BrokenImporter& broken, std::string_view what, const Project& project);

/// The proof of a rewrite of several files: compares the graphs of all files that import a fixed
/// module, directly or through others, before and after all fixes. Where they differ, the fixes of
/// all that the file is made of are taken out of `fixed`, until those that are left change nothing
/// else. Where `fixed` is empty nothing has to be asked.
std::vector<BrokenImporter> withdraw_unproven(const Project& project, const ImportGraph& imports,
                                              const RuleSet& rules, FixedTexts& fixed,
                                              unsigned jobs);

}  // namespace dagfix

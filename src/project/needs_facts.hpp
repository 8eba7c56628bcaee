#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "project/project.hpp"
#include "text/prefilter.hpp"

namespace dagfix {

/// What makes a file matter to the others of its project.
struct FactWords {
  std::vector<std::string> dag_ids;    ///< Old DAG ids, if the file makes a DAG.
  std::vector<std::string> variables;  ///< Old environment variables, if the file sets any.
  std::vector<std::string> names;      ///< Class names, if imported from a module of the project.
};

/// Looks for these words, for all of them in one pass over a text.
class FactSearch {
 public:
  FactSearch() = default;
  explicit FactSearch(FactWords words);

  const FactWords& words() const { return words_; }
  /// All that is looked for: these, and what else makes a file matter.
  std::span<const std::string> searched() const { return searched_; }
  /// Whether facts_of() may say something of a file that a rule asks for. Lexical: may be true
  /// without need, never false in need.
  bool needs_facts(std::string_view text, const Project& project, std::string_view path) const;
  /// The same where somebody looked already. `found`: for each word of searched() whether the text
  /// has it.
  bool needs_facts(std::string_view text, std::vector<bool>::const_iterator found,
                   const Project& project, std::string_view path) const;

 private:
  FactWords words_;
  std::vector<std::string> searched_;
  Prefilter filter_;
};

/// The other names under which import statements of a file bind one of `names`:
/// `from a import LocalX as X` gives "X".
std::set<std::string, std::less<>> aliases_of(std::string_view text,
                                              std::span<const std::string> names);

}  // namespace dagfix

#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/analyze.hpp"
#include "project/project.hpp"
#include "rules/rule_set.hpp"
#include "syntax/tree.hpp"
#include "text/source_file.hpp"

namespace dagfix::lsp {

/// What a button of the editor does to one file.
struct Change {
  std::vector<Edit> edits;
  std::size_t findings = 0;  ///< How many of them the edits remedy.
  Safety safety = Safety::safe;
  std::set<std::string> rules = {};  ///< Codes of the rules whose findings they are.
  std::string complaint = {};        ///< Why there are no edits, if it is dagfix's fault.
};

/// What the user is told of the bugs in the fixes of a file, as by the command line; empty if there
/// are none.
std::string complaint_of(std::string_view path, std::span<const std::string> bugs);

/// What the command line writes with --apply, as far as this file alone decides it: see
/// fix_document(). With `most` unsafe: with --unsafe-fixes. No edits if there is nothing to do, or
/// something to complain about.
Change fix_file(const SourceFile& file, const RuleSet& rules, const Project& project, Safety most);

/// The edits, by lines, that make `after` of `before`.
std::vector<Edit> edits_between(std::string_view before, std::string_view after);

/// The comment that silences a rule on the line of a finding; nothing where no comment can stand.
std::optional<Edit> ignore_on_line(const SourceFile& file, const SyntaxTree& tree,
                                   ByteRange finding, std::string_view rule);

/// The comment that silences a rule in the whole file.
Edit ignore_in_file(const SourceFile& file, const SyntaxTree& tree, std::string_view rule);

}  // namespace dagfix::lsp

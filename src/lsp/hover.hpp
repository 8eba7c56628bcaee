#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "dagfix/finding.hpp"
#include "rules/rule_set.hpp"
#include "semantic/model.hpp"

namespace dagfix::lsp {

/// An explanation of a place in a file.
struct Hover {
  ByteRange range;
  std::string markdown;
};

/// What is explained.
struct Explained {
  const RuleBook& book;
  std::span<const Finding> findings;  ///< Of the file.
  Version from;                       ///< What came before ...
  Version to;  ///< ... or comes after is told only of what it concerns itself.
  std::function<std::string(const RuleInfo& rule)> page;  ///< The address of a rule's page.
};

/// What changed, in which version, for the operator, argument, key, label or DAG id at an offset,
/// with links to the rules' pages; and what was found there, unless that is said already. Knows all
/// versions, also those that no finding comes from.
std::optional<Hover> hover_at(const SemanticModel& model, const Explained& about,
                              std::uint32_t offset);

/// What was found at an offset of a file that is not Python.
std::optional<Hover> hover_at(const Explained& about, std::uint32_t offset);

}  // namespace dagfix::lsp

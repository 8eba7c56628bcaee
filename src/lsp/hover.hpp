#pragma once

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

/// What changed, in which version, for the operator, argument, key, label or DAG id at an offset,
/// with links to the rules' pages; and what was found there. Knows all versions, also those that
/// no finding comes from.
std::optional<Hover> hover_at(const SemanticModel& model, const RuleBook& book,
                              std::span<const Finding> findings, std::uint32_t offset);

}  // namespace dagfix::lsp

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/finding.hpp"
#include "rules/rule_set.hpp"

namespace dagfix::lsp {

struct CompletionItem {
  std::string label;
  std::string detail;         ///< One line.
  std::string documentation;  ///< Markdown.
  std::string sort;           ///< What the items are sorted by.
};

struct Completion {
  ByteRange replace;
  std::vector<CompletionItem> items;
};

/// Names and codes of rules, if the offset is within the list of a comment
/// `# dagfix: ignore[...]`; those that report something on the line come first.
std::optional<Completion> complete_at(std::string_view text, ByteRange line, std::uint32_t offset,
                                      const RuleBook& book, std::span<const Finding> findings);

}  // namespace dagfix::lsp

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "dagfix/rule.hpp"

namespace dagfix {

/// A rule's page. `tables` is markdown that its data gives, `graph_changes` the list of what its
/// fixes may change in the graph of a DAG; each may be empty. All end with a line end.
std::string rule_page_markdown(const RuleInfo& rule, std::string_view tables,
                               std::string_view graph_changes);
/// The same for a terminal.
std::string rule_page_text(const RuleInfo& rule, std::string_view tables,
                           std::string_view graph_changes);
std::string rule_page_json(const RuleInfo& rule);

/// All rules, sorted as given. The markdown is a page that links to the pages `<name>.md` next to
/// it.
std::string rule_list_markdown(std::span<const RuleInfo* const> rules);
std::string rule_list_text(std::span<const RuleInfo* const> rules);
std::string rule_list_json(std::span<const RuleInfo* const> rules);

}  // namespace dagfix

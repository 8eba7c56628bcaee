#pragma once

#include <string>

#include "rules/rule_set.hpp"

namespace dagfix {

/// What a rule's data says, as markdown tables for its page. Empty for rules of kind "code" and
/// where the data does not tell it all.
std::string tables_of(const Rule& rule);

/// What a fix of the rule may change in the graph of a DAG, as a markdown list for its page. Empty
/// for rules without fixes.
std::string graph_changes_of(const Rule& rule);

}  // namespace dagfix

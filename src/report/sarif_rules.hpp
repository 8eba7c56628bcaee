#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "dagfix/finding.hpp"
#include "dagfix/rule.hpp"

namespace dagfix {

/// Where one reads about dagfix.
std::string_view sarif_information_uri();

/// The page of a rule, or the next best while none is published.
std::string help_uri(const RuleInfo& rule);

/// "error", "warning" or "note".
std::string_view sarif_level(Severity severity);

/// `text` cut with "…" to what GitHub takes for a description: 1024 characters.
std::string sarif_description(std::string_view text);

/// The reportingDescriptor of a rule, with what GitHub's code scanning shows of it.
nlohmann::ordered_json sarif_rule(const RuleInfo& rule);

}  // namespace dagfix

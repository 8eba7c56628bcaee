#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule_set.hpp"

namespace dagfix {

/// "0.5.1" as a version; nothing if it is not three numbers.
std::optional<Version> parse_version(std::string_view text);

/// One rule from its file. The error names the place; unknown keys are errors.
std::expected<Rule, std::string> load_rule(std::string_view text);

/// rules/platform.json: what is known of Kaapana's releases.
struct Platform {
  std::vector<Version> versions;
  std::vector<Version> announced;
  std::vector<std::string> common_arguments;
  std::vector<RuleBook::ModuleSpan> modules;
};
std::expected<Platform, std::string> load_platform(std::string_view text);

/// rules/operator_levels.json.
std::expected<std::vector<OperatorLevel>, std::string> load_levels(std::string_view text);

}  // namespace dagfix

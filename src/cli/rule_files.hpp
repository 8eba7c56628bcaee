#pragma once

#include <expected>
#include <span>
#include <string>

#include "rules/rule_set.hpp"

namespace dagfix {

/// The rules of dagfix and those in the .json files of `folders`. The error names the folder or the
/// file.
std::expected<RuleBook, std::string> load_rules(std::span<const std::string> folders);

}  // namespace dagfix

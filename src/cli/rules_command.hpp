#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

namespace dagfix {

/// How rules may be printed, in the order of the help.
inline constexpr std::string_view kRuleFormats[] = {"text", "json", "markdown"};

/// The list of rules, or the page of one. `arguments` are what follows "dagfix rules". The error is
/// one line.
std::expected<std::string, std::string> rules_command(std::span<const std::string> arguments);

}  // namespace dagfix

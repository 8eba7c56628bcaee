#pragma once

#include <expected>
#include <string>

#include "cli/driver.hpp"
#include "cli/options.hpp"
#include "rules/rule_set.hpp"

namespace dagfix {

/// Adds the configuration file's settings to those of the command line. Returns the folder that
/// exclude patterns are relative to; empty: the current one. The error is one line.
std::expected<std::string, std::string> add_config(CommandLine& line);

/// What the settings ask for. The error is one line that names the option, or the place in the
/// configuration file.
std::expected<Job, std::string> make_job(const CommandLine& line, const RuleBook& book);

}  // namespace dagfix

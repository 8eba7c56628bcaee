#pragma once

#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "cli/exit_code.hpp"
#include "cli/settings.hpp"

namespace dagfix {

/// How graphs may be written, in the order of the help.
inline constexpr std::string_view kGraphFormats[] = {"text", "json", "mermaid", "dot", "svg"};

/// Whether the command has an option of --check, with the same meaning. --format it has, too, with
/// formats of its own.
bool goes_with_graph(const OptionSpec& spec);

/// Prints the graphs of the DAGs in files and folders. `arguments` are what follows "dagfix graph".
/// The error is one line.
std::expected<ExitCode, std::string> graph_command(std::span<const std::string> arguments);

/// The page of `dagfix graph --help`.
std::string graph_help_page();

}  // namespace dagfix

#include "cli/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <expected>
#include <new>

#include "cli/completion.hpp"
#include "cli/doctor_command.hpp"
#include "cli/graph_command.hpp"
#include "cli/lsp_command.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/rules_command.hpp"
#include "cli/session.hpp"
#include "cli/undo_command.hpp"
#include "report/common.hpp"

namespace dagfix {

namespace {

using Result = std::expected<ExitCode, std::string>;

Result print(const std::expected<std::string, std::string>& text) {
  if (!text) return std::unexpected(text.error());
  if (auto written = write_stdout(*text); !written) {
    return std::unexpected("standard output: " + written.error());
  }
  return ExitCode::clean;
}

Result dispatch(std::span<const std::string> arguments) {
  // Only the first argument names a command: a folder of that name is ./rules.
  const std::string_view first = arguments.empty() ? std::string_view() : arguments.front();
  const bool is_command = first == "rules" || first == "completion" || first == "lsp";
  if (is_command && std::ranges::find(arguments, "--help") != arguments.end()) {
    return print(help_page());
  }
  if (first == "graph") {
    const bool wants_help = std::ranges::find(arguments, "--help") != arguments.end();
    return wants_help ? print(graph_help_page()) : graph_command(arguments.subspan(1));
  }
  if (first == "doctor") {
    const bool wants_help = std::ranges::find(arguments, "--help") != arguments.end();
    return wants_help ? print(doctor_help_page()) : doctor_command(arguments.subspan(1));
  }
  if (first == "rules") return print(rules_command(arguments.subspan(1)));
  if (first == "completion") return print(completion_command(arguments.subspan(1)));
  if (first == "lsp") return lsp_command(arguments.subspan(1));
  auto line = parse_command_line(arguments);
  if (!line) return std::unexpected(line.error());
  if (line->settings.help) return print(help_page());
  if (line->settings.version) return print(fmt::format("{} {}\n", kToolName, tool_version()));
  if (line->settings.undo) return undo_command(line->settings.quiet.value_or(false));
  return check_or_fix(*line);
}

ExitCode fail(std::string_view message) {
  say(message);
  return ExitCode::failure;
}

}  // namespace

ExitCode run(std::span<const std::string> arguments) {
  // A reader that is gone shall be an error that is told.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const Result result = dispatch(arguments);
    return result ? *result : fail(result.error());
  } catch (const std::bad_alloc&) {
    return fail("out of memory");
  } catch (const std::exception& error) {
    return fail(fmt::format("internal error: {}", error.what()));
  }
}

}  // namespace dagfix

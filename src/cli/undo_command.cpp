#include "cli/undo_command.hpp"

#include <fmt/format.h>

#include <cstdlib>

#include "cli/output.hpp"
#include "cli/undo.hpp"
#include "report/unicode.hpp"

namespace dagfix {

std::expected<ExitCode, std::string> undo_command(bool quiet) {
  const auto folder = undo_folder(std::getenv("XDG_STATE_HOME"), std::getenv("HOME"));
  if (!folder) return std::unexpected(folder.error());
  const auto outcome = undo_last(*folder);
  if (!outcome) return std::unexpected(outcome.error());
  std::string text;
  for (const std::string& path : outcome->restored)
    text += fmt::format("{}: restored\n", printable(path));
  for (const auto& [path, message] : outcome->refused)
    say(fmt::format("{}: {}", printable(path), message));
  if (!outcome->refused.empty()) {
    say(fmt::format("the old files are in {}", outcome->journal));
  }
  if (!quiet) {
    if (auto written = write_stdout(text); !written) {
      return std::unexpected("standard output: " + written.error());
    }
  }
  return outcome->refused.empty() ? ExitCode::clean : ExitCode::failure;
}

}  // namespace dagfix

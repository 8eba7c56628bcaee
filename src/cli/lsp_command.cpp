#include "cli/lsp_command.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "cli/lsp_host.hpp"
#include "lsp/serve.hpp"

namespace dagfix {

std::expected<ExitCode, std::string> lsp_command(std::span<const std::string> arguments) {
  // Editors add the first of these by habit.
  const auto is_unknown = [](const std::string& argument) { return argument != "--stdio"; };
  if (const auto found = std::ranges::find_if(arguments, is_unknown); found != arguments.end()) {
    return std::unexpected(fmt::format("lsp: unexpected {}; usage: dagfix lsp", *found));
  }
  LspHost host;
  return lsp::serve(host, STDIN_FILENO, STDOUT_FILENO) == 0 ? ExitCode::clean : ExitCode::findings;
}

}  // namespace dagfix

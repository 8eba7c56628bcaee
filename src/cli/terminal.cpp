#include "cli/terminal.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace dagfix {

namespace {

std::string_view variable(const char* name) {
  const char* const value = std::getenv(name);
  return value ? value : "";
}

}  // namespace

Terminal find_terminal(bool no_color) {
  const bool color = !no_color && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
  Terminal terminal;
  terminal.is_output_terminal = ::isatty(STDOUT_FILENO) == 1;
  terminal.is_error_terminal = ::isatty(STDERR_FILENO) == 1;
  terminal.output_color = color && terminal.is_output_terminal;
  terminal.error_color = color && terminal.is_error_terminal;
  return terminal;
}

}  // namespace dagfix

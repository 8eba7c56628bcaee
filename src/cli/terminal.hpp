#pragma once

namespace dagfix {

/// What standard output and standard error are, and how they may be used.
struct Terminal {
  bool is_output_terminal = false;
  bool is_error_terminal = false;
  bool output_color = false;
  bool error_color = false;
};

/// Asks the system and the environment: NO_COLOR (if not empty) and TERM=dumb mean no colours.
Terminal find_terminal(bool no_color);

}  // namespace dagfix

#pragma once

#include <expected>
#include <string>

namespace dagfix {

/// What a completion script has for `dagfix doctor`: options, guides, steps, formats.
struct DoctorCompletion {
  std::string bash;  ///< Lines of the body of _dagfix().
  std::string zsh;   ///< A case of the subcommands.
  std::string fish;  ///< Lines.
};
/// The error is one line: the guides cannot be read.
std::expected<DoctorCompletion, std::string> doctor_completion();

}  // namespace dagfix

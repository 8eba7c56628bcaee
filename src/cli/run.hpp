#pragma once

#include <span>
#include <string>

#include "cli/exit_code.hpp"

namespace dagfix {

/// What the executable does with the arguments after its name. Throws nothing.
ExitCode run(std::span<const std::string> arguments);

}  // namespace dagfix

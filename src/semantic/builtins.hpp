#pragma once

#include <string_view>

namespace dagfix {

/// Whether Python defines the name without any import (3.9 to 3.13, and module attributes).
bool is_builtin(std::string_view name);

}  // namespace dagfix

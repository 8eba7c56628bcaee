#pragma once

#include <string>
#include <vector>

#include "runtime/answer.hpp"

namespace dagfix::runtime {

/// Properties of systemd's units as `systemctl show` writes them, asked for over D-Bus.
struct UnitsAnswer {
  State state = State::ok;
  std::string evidence;
  std::string text;
};
UnitsAnswer read_units(const std::vector<std::string>& names);

}  // namespace dagfix::runtime

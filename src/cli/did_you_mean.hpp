#pragma once

#include <span>
#include <string>
#include <string_view>

namespace dagfix {

/// "; did you mean --format?" for the nearest of `known`, or nothing if none is near. `prefix`
/// is written before the name.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> known,
                         std::string_view prefix = {});

}  // namespace dagfix

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace dagfix {

/// One option of `dagfix doctor`, known to the help and the completions.
struct DoctorOption {
  /// What a shell offers as its value.
  enum class Offer : std::uint8_t { nothing, file, folder, guide, phase, step, answer, format };
  std::string_view name;   ///< Without dashes.
  std::string_view value;  ///< How the help calls the value; empty for flags.
  std::string_view help;   ///< Half a sentence.
  Offer offer = Offer::nothing;
};

/// All of them, in the order of the help.
std::span<const DoctorOption> doctor_options();

}  // namespace dagfix

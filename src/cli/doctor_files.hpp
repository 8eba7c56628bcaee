#pragma once

#include <expected>
#include <string>

#include "runtime/judge.hpp"
#include "runtime/profile.hpp"

namespace dagfix {

// Files of `dagfix doctor`, all TOML. Errors are one line with file and place.

/// The profile in a file: tables and keys of runtime::profile_keys().
std::expected<runtime::Profile, std::string> load_profile(const std::string& file);

/// What people said of steps: [[attestation]] with step, answer, who, when, note. Nothing if there
/// is no such file.
std::expected<runtime::Attestations, std::string> load_attestations(const std::string& file);

/// Writes what people said of steps, complete when it appears.
std::expected<void, std::string> save_attestations(const std::string& file,
                                                   const runtime::Attestations& attestations);

/// Steps that are not to count: [[waiver]] with step, reason and, maybe, expires.
std::expected<runtime::Waivers, std::string> load_waivers(const std::string& file);

}  // namespace dagfix

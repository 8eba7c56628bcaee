#pragma once

#include <nlohmann/json_fwd.hpp>

#include "lsp/host.hpp"

namespace dagfix::lsp {

/// The part of what a client sends that is the section "dagfix". People put it as it is,
/// or within "settings", "dagfix" or both.
const nlohmann::json& section_of(const nlohmann::json& sent);

/// Whether settings that came unasked are those of the section, and not of other programs.
bool has_section(const nlohmann::json& sent);

/// The section "dagfix" of the client's settings. Names are those of the configuration file, also
/// in the form that JSON likes (unsafeFixes), and with the section in front (dagfix.from). What is
/// null, empty or of another type is not set.
ClientSettings read_settings(const nlohmann::json& section);

}  // namespace dagfix::lsp

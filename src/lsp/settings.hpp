#pragma once

#include <nlohmann/json_fwd.hpp>

#include "lsp/host.hpp"

namespace dagfix::lsp {

/// The section "dagfix" of the client's settings. Names are those of the configuration file, also
/// in the form that JSON likes (unsafeFixes). What is null, empty or of another type is not set.
ClientSettings read_settings(const nlohmann::json& section);

}  // namespace dagfix::lsp

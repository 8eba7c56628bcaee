#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "runtime/collect/http.hpp"

namespace dagfix::runtime {

/// How to ask the API server that a kubeconfig names: its current context, or `context`. Relative
/// paths in it are those of `folder`. The error, one line, is that it is no kubeconfig, or that
/// it wants what dagfix does not do: run a program for credentials, not verify the certificate.
std::expected<HttpOptions, std::string> parse_kubeconfig(const std::string& text,
                                                         const std::string& folder,
                                                         std::string_view context);

/// Decodes base64 with its padding; line breaks are skipped. Empty on an error.
std::string base64_decoded(std::string_view text);

}  // namespace dagfix::runtime

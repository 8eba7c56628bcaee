#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "lsp/text.hpp"

namespace dagfix::lsp {

/// What the client says that it can do.
struct Capabilities {
  Encoding encoding = Encoding::utf16;
  bool configuration = false;
  bool watched_files = false;
  bool config_changes = false;  ///< Wants to be asked for didChangeConfiguration.
  bool progress = false;
  bool document_changes = false;
  bool annotations = false;
  bool apply_edit = false;
  bool pull = false;
  bool refresh = false;
  bool related = false;
  bool code_description = false;
  bool data = false;
  bool unnecessary_tag = false;
  bool deprecated_tag = false;
  bool action_literals = false;
  bool resolve_edit = false;
  bool disabled_actions = false;
  bool markup_messages = false;  ///< 3.18: of diagnostics.
  bool edit_metadata = false;    ///< 3.18: of workspace/applyEdit.
  bool text_contents = false;    ///< 3.18: shows documents that the server makes.
  std::string rule_pages;        ///< Address with "{name}" for a rule; empty: the published one.
};

/// Scheme of the URIs of documents as their safe fixes make them; what follows is a file's path.
inline constexpr std::string_view kFixedScheme = "dagfix-fixed";

/// From the params of "initialize". Of what is missing or has another type, nothing can be done.
Capabilities read_capabilities(const nlohmann::json& params);

/// The answer to "initialize".
nlohmann::json server_capabilities(const Capabilities& client);

}  // namespace dagfix::lsp

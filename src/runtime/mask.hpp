#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace dagfix::runtime {

/// Whether the value of a key of this name may be a secret: "KEYCLOAK_ADMIN_PASSWORD",
/// "secretData".
bool is_secret_key(std::string_view key);

/// What is shown of a secret: "(masked)", "(masked, default)" for a published default of
/// Kaapana, nothing for an empty one. Masking what is masked changes nothing.
std::string mask_value(std::string_view value);

/// Masks the values of secret keys, also of environment lists ({"name": ..., "value": ...}), and
/// all data of Kubernetes Secrets.
void mask_json(nlohmann::json& value);

/// Masks assignments to secret keys in shell scripts, YAML, LDIF and JSON that cannot be parsed,
/// passwords in URLs, and private keys.
std::string mask_text(std::string_view text);

/// The same for Python: strings and comments only, so that it can still be parsed. Text that Python
/// does not accept is masked as any other.
std::string mask_python(std::string_view text);

/// The content of an entry of a bundle without its secrets: by its name JSON, Python
/// or text.
std::string masked(std::string_view name, std::string bytes);

}  // namespace dagfix::runtime

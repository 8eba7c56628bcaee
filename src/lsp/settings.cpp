#include "lsp/settings.hpp"

#include <nlohmann/json.hpp>

namespace dagfix::lsp {

namespace {

/// "unsafeFixes" -> "unsafe-fixes".
std::string with_dashes(std::string_view name) {
  std::string result;
  for (const char c : name) {
    const bool is_large = c >= 'A' && c <= 'Z';
    if (is_large) result += '-';
    result += is_large ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

}  // namespace

ClientSettings read_settings(const nlohmann::json& section) {
  ClientSettings settings;
  if (!section.is_object()) return settings;
  for (const auto& [name, value] : section.items()) {
    std::vector<std::string> values;
    if (value.is_string() && !value.get_ref<const std::string&>().empty()) {
      values.push_back(value.get<std::string>());
    } else if (value.is_boolean() && value.get<bool>()) {
      values.emplace_back("true");
    } else if (value.is_array()) {
      for (const auto& element : value) {
        if (element.is_string()) values.push_back(element.get<std::string>());
      }
    }
    if (!values.empty()) settings.emplace(with_dashes(name), std::move(values));
  }
  return settings;
}

}  // namespace dagfix::lsp

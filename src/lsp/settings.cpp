#include "lsp/settings.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>

namespace dagfix::lsp {

namespace {

constexpr std::string_view kPrefix = "dagfix.";

const nlohmann::json* object_in(const nlohmann::json& json, const char* name) {
  if (!json.is_object()) return nullptr;
  const auto found = json.find(name);
  return found != json.end() && found->is_object() ? &*found : nullptr;
}

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

const nlohmann::json& section_of(const nlohmann::json& sent) {
  const nlohmann::json* at = &sent;
  for (const char* const name : {"settings", "dagfix"}) {
    if (const auto* const inner = object_in(*at, name)) at = inner;
  }
  return *at;
}

bool has_section(const nlohmann::json& sent) {
  if (!sent.is_object() || sent.empty()) return false;
  if (&section_of(sent) != &sent) return true;
  return std::ranges::none_of(sent, [](const nlohmann::json& value) { return value.is_object(); });
}

ClientSettings read_settings(const nlohmann::json& section) {
  ClientSettings settings;
  if (!section.is_object()) return settings;
  for (const auto& [key, value] : section.items()) {
    std::string_view name = key;
    if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
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

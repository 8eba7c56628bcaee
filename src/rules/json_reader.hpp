#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/load.hpp"

namespace dagfix {

/// Reads an object key by key and insists that every key was asked for. All of it throws a
/// std::runtime_error "/place: what is wrong".
class JsonReader {
 public:
  JsonReader(const nlohmann::json& object, std::string place)
      : object_(object), place_(std::move(place)) {
    if (!object.is_object()) fail("must be an object");
  }

  std::string string(const char* key, bool required = false) {
    const nlohmann::json* value = find(key, required);
    if (!value) return {};
    if (!value->is_string()) fail(fmt::format("'{}' must be a string", key));
    return value->get<std::string>();
  }

  /// A string, or a list of the lines of one.
  std::string text(const char* key, bool required = false) {
    const nlohmann::json* value = find(key, required);
    if (!value || !value->is_array()) return string(key, required);
    return fmt::format("{}", fmt::join(strings(key), "\n"));
  }

  std::vector<std::string> strings(const char* key) {
    std::vector<std::string> result;
    if (const nlohmann::json* value = find(key, false)) {
      if (!value->is_array()) fail(fmt::format("'{}' must be a list of strings", key));
      for (const nlohmann::json& element : *value) {
        if (!element.is_string()) fail(fmt::format("'{}' must be a list of strings", key));
        result.push_back(element.get<std::string>());
      }
    }
    return result;
  }

  std::optional<Version> version(const char* key) {
    const std::string text = string(key);
    if (text.empty()) return std::nullopt;
    const auto version = parse_version(text);
    if (!version) fail(fmt::format("'{}' is no version: {}", key, text));
    return version;
  }

  bool boolean(const char* key, bool otherwise = false) {
    const nlohmann::json* value = find(key, false);
    if (!value) return otherwise;
    if (!value->is_boolean()) fail(fmt::format("'{}' must be true or false", key));
    return value->get<bool>();
  }

  std::optional<std::size_t> index(const char* key) {
    const nlohmann::json* value = find(key, false);
    if (!value) return std::nullopt;
    if (!value->is_number_unsigned()) fail(fmt::format("'{}' must be a number", key));
    return value->get<std::size_t>();
  }

  /// The value as it is; null if there is none.
  const nlohmann::json* any(const char* key) { return find(key, false); }

  bool has(const char* key) const { return object_.contains(key); }

  std::optional<Severity> severity(const char* key) {
    if (!has(key)) return std::nullopt;
    return one_of<Severity>(
        key,
        {{"info", Severity::info}, {"warning", Severity::warning}, {"error", Severity::error}});
  }

  template <typename T>
  T one_of(const char* key, std::initializer_list<std::pair<std::string_view, T>> values) {
    const std::string text = string(key, true);
    for (const auto& [name, value] : values) {
      if (name == text) return value;
    }
    fail(fmt::format("'{}' has an unknown value: {}", key, text));
  }

  template <typename Function>
  void each(const char* key, Function function) {
    const nlohmann::json* value = find(key, false);
    if (!value) return;
    if (!value->is_array()) fail(fmt::format("'{}' must be a list", key));
    for (std::size_t i = 0; i < value->size(); ++i) {
      JsonReader reader((*value)[i], fmt::format("{}/{}/{}", place_, key, i));
      function(reader);
      reader.finish();
    }
  }

  template <typename Function>
  void object(const char* key, Function function) {
    const nlohmann::json* value = find(key, true);
    JsonReader reader(*value, fmt::format("{}/{}", place_, key));
    function(reader);
    reader.finish();
  }

  void finish() const {
    for (const auto& entry : object_.items()) {
      if (std::ranges::find(seen_, entry.key()) == seen_.end()) {
        fail(fmt::format("unknown key '{}'", entry.key()));
      }
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(fmt::format("{}: {}", place_.empty() ? "/" : place_, what));
  }

 private:
  const nlohmann::json* find(const char* key, bool required) {
    seen_.emplace_back(key);
    const auto found = object_.find(key);
    if (found == object_.end()) {
      if (required) fail(fmt::format("'{}' is missing", key));
      return nullptr;
    }
    return &*found;
  }

  const nlohmann::json& object_;
  std::string place_;
  std::vector<std::string> seen_;
};

}  // namespace dagfix

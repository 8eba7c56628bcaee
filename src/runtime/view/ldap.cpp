#include "runtime/view/ldap.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dagfix::runtime {

namespace {

constexpr std::string_view kData = "ldap/data.ldif";
constexpr std::string_view kUsers = "ldap/users.ldif";

std::string small(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  });
  return result;
}

/// "cn=A, dc=B" -> "cn=a,dc=b".
std::string normal_name(std::string_view name) {
  std::string result;
  for (const char c : small(name)) {
    if (c == ' ' && (result.empty() || result.back() == ',' || result.back() == '=')) continue;
    result += c;
  }
  return result;
}

/// Bytes of base64; what is none is skipped, as its values are only compared.
std::string from_base64(std::string_view text) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char c : text) {
    const auto digit = kDigits.find(c);
    if (digit == std::string_view::npos) continue;
    bits = (bits << 6U | static_cast<unsigned>(digit)) & 0xFFFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> static_cast<unsigned>(count) & 0xFFU);
  }
  return bytes;
}

/// Lines with their continuations, without comments. An empty one ends an entry.
std::vector<std::string> unfolded(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with(' ') && !lines.empty()) {
      lines.back() += line.substr(1);
    } else {
      lines.emplace_back(line);
    }
  }
  std::erase_if(lines, [](const std::string& line) { return line.starts_with('#'); });
  return lines;
}

Answer<Ldap::Entries> read(const Bundle& bundle, std::string_view name) {
  return bundle.text(name).map([](const std::string& text) { return parse_ldif(text); });
}

/// Whether a schema's text has a name: "NAME 'x'" or "NAME ( 'x' 'y' )".
bool names_attribute(std::string_view text, std::string_view name) {
  return small(text).contains("'" + small(name) + "'");
}

}  // namespace

Ldap::Entries parse_ldif(std::string_view text) {
  Ldap::Entries entries;
  bool is_new = true;
  for (const std::string& line : unfolded(text)) {
    const auto colon = line.find(':');
    if (line.empty()) is_new = true;
    if (colon == std::string::npos) continue;
    std::string_view value = std::string_view(line).substr(colon + 1);
    const bool is_base64 = value.starts_with(':');
    if (is_base64) value.remove_prefix(1);
    value = value.substr(std::min(value.find_first_not_of(' '), value.size()));
    const std::string decoded = is_base64 ? from_base64(value) : std::string(value);
    // "attribute;binary" and the like.
    const std::string attribute = small(std::string_view(line).substr(0, line.find_first_of(":;")));
    if (attribute == "dn") {
      entries.push_back({normal_name(decoded), {}});
      is_new = false;
    } else if (!is_new) {
      entries.back().values[attribute].push_back(decoded);
    }
  }
  return entries;
}

bool Ldap::Entry::has(std::string_view attribute) const {
  return values.contains(small(attribute));
}

bool Ldap::Entry::has(std::string_view attribute, std::string_view value) const {
  const auto found = values.find(small(attribute));
  if (found == values.end()) return false;
  return std::ranges::any_of(found->second, [&](const std::string& candidate) {
    return small(candidate) == small(value);
  });
}

Ldap::Ldap(const Bundle& bundle)
    : data_(read(bundle, kData)), users_(read(bundle, kUsers)), bundle_(bundle) {}

Answer<std::vector<std::string>> Ldap::devices() const {
  return data_.map([](const Entries& entries) {
    std::vector<std::string> names;
    for (const Entry& entry : entries) {
      if (entry.name.starts_with("dicomdevicename=") && entry.name.contains(",cn=devices,")) {
        names.push_back(entry.name);
      }
    }
    return names;
  });
}

Answer<Ldap::Entries> Ldap::below(std::string_view name) const {
  const std::string wanted = normal_name(name);
  return data_.map([&](const Entries& entries) {
    Entries found;
    std::ranges::copy_if(entries, std::back_inserter(found), [&](const Entry& entry) {
      return entry.name == wanted || entry.name.ends_with("," + wanted);
    });
    return found;
  });
}

Truth Ldap::has_attribute_type(std::string_view name) const {
  const auto live = bundle_.text("ldap/schema.ldif");
  if (live.is_ok()) {
    // Folded lines may cut a name.
    const auto lines = unfolded(*live);
    return std::ranges::any_of(
        lines, [&](const std::string& line) { return names_attribute(line, name); });
  }
  const auto files = bundle_.names("slapd.d/");
  bool has_schema = false;
  for (const std::string_view file : files) {
    if (!file.contains("cn=schema/") || !file.ends_with(".ldif")) continue;
    const auto text = bundle_.text(file);
    if (!text.is_ok()) return text.exists();
    has_schema = true;
    for (const std::string& line : unfolded(*text)) {
      if (names_attribute(line, name)) return true;
    }
  }
  return has_schema ? Truth(false) : live.exists();
}

Answer<std::vector<std::string>> Ldap::members(std::string_view role) const {
  using Names = std::vector<std::string>;
  if (!users_.is_ok()) return users_.map([](const Entries&) { return Names(); });
  const auto entry = std::ranges::find_if(*users_, [&](const Entry& candidate) {
    return candidate.name.starts_with(fmt::format("cn={},", small(role)));
  });
  if (entry == users_->end()) return Answer<Names>::absent();
  Names names;
  for (const char* const attribute : {"member", "uniquemember", "roleoccupant"}) {
    const auto values = entry->values.find(attribute);
    if (values == entry->values.end()) continue;
    for (const std::string& value : values->second) {
      const std::string name = normal_name(value);
      if (name.starts_with("uid=")) names.push_back(name.substr(4, name.find(',') - 4));
    }
  }
  std::ranges::sort(names);
  return names;
}

std::optional<Time> parse_ldap_time(std::string_view text) {
  if (text.size() < 15 || text[14] != 'Z') return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t size) { return text.substr(at, size); };
  return parse_time(fmt::format("{}-{}-{}T{}:{}:{}Z", part(0, 4), part(4, 2), part(6, 2),
                                part(8, 2), part(10, 2), part(12, 2)));
}

}  // namespace dagfix::runtime

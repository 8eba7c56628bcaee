#include "runtime/mask.hpp"

#include <algorithm>
#include <array>
#include <sstream>
#include <vector>

namespace dagfix::runtime {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kMasked = "(masked)";
constexpr std::string_view kMaskedDefault = "(masked, default)";
// Nested deeper is no answer of any service; recursion ends here.
constexpr int kMostDepth = 200;

// Passwords that Kaapana's charts and scripts, dcm4chee and RabbitMQ publish.
constexpr std::array<std::string_view, 11> kDefaults = {
    "Kaapana2020", "kaapana", "kaapanapassword", "secret",   "pacs",        "keycloak",
    "root",        "guest",   "admin",           "changeit", "kaapanaminio"};

constexpr std::string_view kWords[] = {"passw",     "passphrase", "pwd",         "secret",
                                       "token",     "credential", "privatekey",  "apikey",
                                       "accesskey", "secretkey",  "dockerconfig"};

// Keys that name a secret or tell about it, and are none.
constexpr std::string_view kHarmless[] = {
    "secretname",    "secretkeyref",   "imagepullsecrets", "tokenurl",
    "tokenendpoint", "passwordpolicy", "passwordplugins",  "authpasswordvalidators"};

std::string letters_of(std::string_view key) {
  std::string letters;
  for (const char c : key) {
    if (c >= 'A' && c <= 'Z') letters += static_cast<char>(c - 'A' + 'a');
    if (c >= 'a' && c <= 'z') letters += c;
  }
  return letters;
}

bool is_masked(std::string_view value) { return value == kMasked || value == kMaskedDefault; }

void mask_secret_object(Json& object) {
  for (const char* const key : {"data", "stringData"}) {
    const auto data = object.find(key);
    if (data == object.end() || !data->is_object()) continue;
    for (auto& value : *data) value = kMasked;
  }
}

bool is_environment_entry(const Json& object) {
  const auto name = object.find("name");
  const auto value = object.find("value");
  return name != object.end() && name->is_string() && value != object.end() && value->is_string() &&
         is_secret_key(name->get_ref<const std::string&>());
}

void mask_string(std::string_view key, Json& value) {
  const auto& text = value.get_ref<const std::string&>();
  if (is_secret_key(key) || key.ends_with("last-applied-configuration")) {
    value = mask_value(text);
  } else if (text.find_first_of("\n@") != std::string::npos) {
    value = mask_text(text);
  }
}

void mask_at(Json& value, int depth) {
  if (depth > kMostDepth) {
    value = kMasked;
    return;
  }
  if (value.is_array()) {
    for (Json& element : value) {
      if (element.is_string()) {
        mask_string({}, element);
      } else {
        mask_at(element, depth + 1);
      }
    }
  }
  if (!value.is_object()) return;
  if (const auto kind = value.find("kind"); kind != value.end() && *kind == "Secret") {
    mask_secret_object(value);
  }
  if (is_environment_entry(value)) {
    value["value"] = mask_value(value["value"].get_ref<const std::string&>());
  }
  for (auto& [key, element] : value.items()) {
    if (element.is_string()) {
      mask_string(key, element);
    } else if (element.is_array() && is_secret_key(key)) {
      for (Json& part : element) {
        if (part.is_string()) part = mask_value(part.get_ref<const std::string&>());
      }
      mask_at(element, depth + 1);
    } else {
      mask_at(element, depth + 1);
    }
  }
}

bool is_key_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-' || c == '.';
}

/// `scheme://user:password@host` without the password.
std::string without_url_password(std::string_view line) {
  std::string out;
  for (std::size_t at = 0;;) {
    const auto scheme = line.find("://", at);
    if (scheme == std::string_view::npos) return out.append(line.substr(at));
    const std::size_t begin = scheme + 3;
    const std::size_t end = std::min(line.find_first_of("/ \t\"'", begin), line.size());
    const std::string_view authority = line.substr(begin, end - begin);
    const auto user_end = authority.rfind('@');
    const auto colon = authority.find(':');
    out.append(line.substr(at, begin - at));
    if (user_end != std::string_view::npos && colon < user_end) {
      out.append(authority.substr(0, colon + 1));
      out.append(mask_value(authority.substr(colon + 1, user_end - colon - 1)));
      out.append(authority.substr(user_end));
    } else {
      out.append(authority);
    }
    at = end;
  }
}

/// Where the value begins that a secret key at [begin, end) is given: behind `=`, `:`, `::`,
/// with quotes and spaces around; npos if it is no assignment.
std::size_t value_begin(std::string_view line, std::size_t end) {
  std::size_t at = end;
  if (at < line.size() && (line[at] == '"' || line[at] == '\'')) ++at;
  if (at < line.size() && line[at] == ']') ++at;
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  if (at >= line.size() || (line[at] != '=' && line[at] != ':')) return std::string_view::npos;
  if (line.substr(at).starts_with("==")) return std::string_view::npos;
  while (at < line.size() && (line[at] == '=' || line[at] == ':' || line[at] == '-')) ++at;
  while (at < line.size() && (line[at] == ' ' || line[at] == '\t')) ++at;
  return at;
}

std::size_t value_end(std::string_view line, std::size_t begin, char& quote) {
  quote = begin < line.size() && (line[begin] == '"' || line[begin] == '\'') ? line[begin] : '\0';
  if (quote == '\0') return std::min(line.find_first_of(" \t\r#;,}", begin), line.size());
  std::size_t at = begin + 1;
  while (at < line.size() && line[at] != quote) at += line[at] == '\\' ? 2 : 1;
  return std::min(at, line.size());
}

/// A value that only names where the secret is: $NAME, ${NAME}, os.environ[...], {{ name }}.
bool is_reference(std::string_view value) {
  return value.starts_with('$') || value.starts_with("{{") || value.starts_with("os.environ") ||
         value.starts_with("<(");
}

std::string mask_line(std::string_view line) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = 0; at < line.size();) {
    if (!is_key_char(line[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < line.size() && is_key_char(line[end])) ++end;
    const std::size_t begin =
        is_secret_key(line.substr(at, end - at)) ? value_begin(line, end) : std::string_view::npos;
    at = end;
    if (begin == std::string_view::npos || begin >= line.size()) continue;
    char quote = '\0';
    const std::size_t last = value_end(line, begin, quote);
    const std::size_t first = begin + (quote == '\0' ? 0 : 1);
    if (first > last || is_reference(line.substr(first, last - first))) continue;
    // "(masked, default)" has a space: what is masked already ends behind its bracket.
    if (line.substr(first).starts_with("(masked")) {
      at = std::min(line.find(')', first), line.size());
      continue;
    }
    out.append(line.substr(done, first - done));
    out.append(mask_value(line.substr(first, last - first)));
    at = done = last;
  }
  out.append(line.substr(done));
  return without_url_password(out);
}

}  // namespace

bool is_secret_key(std::string_view key) {
  const std::string letters = letters_of(key);
  if (std::ranges::find(kHarmless, letters) != std::end(kHarmless)) return false;
  if (letters.ends_with("pass")) return true;
  return std::ranges::any_of(
      kWords, [&](std::string_view word) { return letters.find(word) != std::string::npos; });
}

std::string mask_value(std::string_view value) {
  if (value.empty() || is_masked(value)) return std::string(value);
  const bool is_default = std::ranges::find(kDefaults, value) != kDefaults.end();
  return std::string(is_default ? kMaskedDefault : kMasked);
}

void mask_json(Json& value) { mask_at(value, 0); }

std::string mask_text(std::string_view text) {
  std::string out;
  bool in_key = false;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    const bool begins = line.contains("-----BEGIN") && line.contains("PRIVATE KEY");
    in_key = in_key || begins;
    if (!in_key) out += mask_line(line);
    if (in_key && begins) out += kMasked;
    if (in_key && line.contains("-----END")) in_key = false;
    if (end < text.size() && !(in_key && !begins)) out += '\n';
    at = end + 1;
  }
  return out;
}

std::string masked(std::string_view name, std::string bytes) {
  if (name.ends_with(".py")) return mask_python(bytes);
  if (!name.ends_with(".json")) {
    const bool is_stream =
        name.starts_with("pg/") || name == "fs/tree.tsv" || name == "minio/ls.txt";
    return is_stream ? std::move(bytes) : mask_text(bytes);
  }
  std::istringstream in(bytes);
  std::string out;
  try {
    while (in >> std::ws && in.peek() != std::istringstream::traits_type::eof()) {
      Json document;
      in >> document;
      mask_json(document);
      out += document.dump();
      out += '\n';
    }
  } catch (const Json::exception&) {
    return mask_text(bytes);
  }
  return out;
}

}  // namespace dagfix::runtime

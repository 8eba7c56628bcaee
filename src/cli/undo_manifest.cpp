#include "cli/undo_manifest.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "report/fingerprint.hpp"
#include "text/encoding.hpp"

namespace dagfix {
namespace {

using nlohmann::json;

constexpr const char* kVersionKey = "dagfix-undo";
constexpr int kVersion = 1;

// JSON strings are Unicode, paths are bytes: one that is not UTF-8 is written as numbers.
json path_to_json(std::string_view path) {
  if (valid_utf8_prefix(path) == path.size()) return path;
  json bytes = json::array();
  for (const char c : path) bytes.push_back(static_cast<unsigned char>(c));
  return bytes;
}

std::string path_from_json(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  std::string path;
  for (const json& byte : value) path += static_cast<char>(byte.get<unsigned char>());
  return path;
}

json digest_to_json(const Digest& digest) {
  return {{"size", digest.size}, {"fnv1a", digest.hash}};
}

Digest digest_from_json(const json& value) {
  return {value.at("size").get<std::size_t>(), value.at("fnv1a").get<std::string>()};
}

std::string as_line(const json& value) { return value.dump() + "\n"; }

// False for a header of another version. Throws what nlohmann throws.
bool take_line(std::string_view line, bool is_header, std::vector<UndoEntry>& entries) {
  const json value = json::parse(line);
  if (is_header) {
    return value.at(kVersionKey).get<int>() == kVersion;
  }
  if (value.contains("withdrawn")) {
    const std::string path = path_from_json(value.at("withdrawn"));
    std::erase_if(entries, [&](const UndoEntry& entry) { return entry.path == path; });
    return true;
  }
  entries.push_back({path_from_json(value.at("path")), value.at("backup").get<std::string>(),
                     digest_from_json(value.at("old")), digest_from_json(value.at("new"))});
  return true;
}

}  // namespace

Digest digest(std::string_view bytes) { return {bytes.size(), StableHash().add(bytes).hex()}; }

std::string manifest_header() { return as_line({{kVersionKey, kVersion}}); }

std::string manifest_line(const UndoEntry& entry) {
  return as_line({{"path", path_to_json(entry.path)},
                  {"backup", entry.backup},
                  {"old", digest_to_json(entry.old_bytes)},
                  {"new", digest_to_json(entry.new_bytes)}});
}

std::string withdrawal_line(std::string_view path) {
  return as_line({{"withdrawn", path_to_json(path)}});
}

std::expected<std::vector<UndoEntry>, std::size_t> parse_manifest(std::string_view text) {
  std::vector<UndoEntry> entries;
  std::size_t number = 1;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n'), ++number) {
    try {
      if (!take_line(text.substr(0, end), number == 1, entries)) return std::unexpected(number);
    } catch (const json::exception&) {
      return std::unexpected(number);
    }
    text.remove_prefix(end + 1);
  }
  return entries;
}

}  // namespace dagfix

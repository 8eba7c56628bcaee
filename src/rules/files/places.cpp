#include <algorithm>
#include <array>
#include <span>

#include "rules/file_context.hpp"

namespace dagfix {

namespace {

using Role = Item::Role;

bool contains_any(std::string_view text, std::span<const std::string_view> parts) {
  return std::ranges::any_of(parts, [&](std::string_view part) { return text.contains(part); });
}

/// Functions of the MinIO client for JavaScript that take the bucket first, in lower case.
bool takes_bucket(std::string_view function) {
  constexpr auto kFunctions = std::to_array<std::string_view>(
      {"getobject", "putobject", "fgetobject", "fputobject", "statobject", "removeobject",
       "removeobjects", "listobjects", "listobjectsv2", "copyobject", "bucketexists", "makebucket",
       "presignedgetobject", "presignedputobject", "presignedurl"});
  return std::ranges::find(kFunctions, lower(function)) != kFunctions.end();
}

/// Functions of JavaScript whose strings are paths on the disk, in lower case.
bool takes_path(std::string_view function) {
  constexpr auto kFunctions = std::to_array<std::string_view>(
      {"readfile", "readfilesync", "writefile", "writefilesync", "existssync", "readdir",
       "readdirsync", "mkdir", "mkdirsync", "createreadstream", "createwritestream"});
  return std::ranges::find(kFunctions, lower(function)) != kFunctions.end();
}

/// The name of a variable in `- name: NAME` beside this `value: ...`; empty if it is none.
std::string_view variable_of(const FileRuleContext& context, const Item& item) {
  if (context.name_of(item) != "value") return {};
  const std::uint32_t group = context.parent(item)->group;
  for (const Item& other : context.items.items) {
    if (other.role != Role::value || context.name_of(other) != "name") continue;
    if (context.parent(other)->group == group) return context.text(other);
  }
  return {};
}

bool is_about_buckets(const FileRuleContext& context, const Item& item) {
  if (lower(context.name_of(item)).contains("bucket")) return true;
  return lower(variable_of(context, item)).contains("bucket");
}

/// Whether a word is one of `mc`'s, which takes alias/bucket/object.
bool is_of_client(const FileRuleContext& context, const Item& word) {
  const std::string_view command = context.name_of(word);
  return command == "mc" || command.ends_with("/mc");
}

/// Whether a key's value is a path in the container itself.
bool names_path(std::string_view key) {
  constexpr auto kPaths = std::to_array<std::string_view>({"dir", "path", "file", "folder"});
  // Of the host, of a page, of a mount that the chart makes itself.
  constexpr auto kOthers =
      std::to_array<std::string_view>({"host", "mount", "url", "route", "ingress", "prefix"});
  const std::string name = lower(key);
  return name != "path" && contains_any(name, kPaths) && !contains_any(name, kOthers);
}

bool is_command(std::string_view key) { return key == "command" || key == "args"; }

}  // namespace

bool is_conf(std::string_view name) { return name == "conf" || name == "conf_data"; }

std::optional<ByteRange> bucket_in(const FileRuleContext& context, std::size_t index,
                                   std::string_view bucket) {
  const Item& item = context.items.items[index];
  if (item.role != Role::word && item.role != Role::value) return std::nullopt;
  const std::string_view text = context.text(item);
  if (text == bucket && item.is_plain) {
    const bool is_option = item.role == Role::word && index > 0 &&
                           context.text(context.items.items[index - 1]).starts_with("--bucket");
    const bool is_bucket =
        is_option || is_about_buckets(context, item) ||
        (context.kind == FileKind::script && takes_bucket(context.name_of(item)));
    return is_bucket ? std::optional(item.content) : std::nullopt;
  }
  // s3://bucket/..., mc cp alias/bucket/..., what Kaapana's minio-mirror is told
  const bool is_url = text.starts_with("s3://");
  const bool is_client =
      item.role == Role::word && text.find('/', 1) < text.size() && is_of_client(context, item);
  const bool is_mirrored =
      variable_of(context, item) == "MINIO_PATH" || context.name_of(item) == "MINIO_PATH";
  if (!is_url && !is_client && !is_mirrored) return std::nullopt;
  const std::size_t begin = is_url ? 5 : is_client ? text.find('/') + 1 : 0;
  if (!text.substr(begin).starts_with(bucket)) return std::nullopt;
  const std::size_t behind = begin + bucket.size();
  if (behind < text.size() && text[behind] != '/') return std::nullopt;
  const auto first = static_cast<std::uint32_t>(item.content.begin + begin);
  return ByteRange{first, first + static_cast<std::uint32_t>(bucket.size())};
}

bool makes_path(const FileRuleContext& context, std::string_view path) {
  // What Kaapana's charts mount is in their values.yaml.
  if (context.kind == FileKind::yaml && context.file.text().contains("dynamicVolumeMounts")) {
    return true;
  }
  return std::ranges::any_of(context.items.items, [&](const Item& item) {
    if (!context.text(item).starts_with(path)) return false;
    const std::string name = lower(context.name_of(item));
    if (context.kind == FileKind::dockerfile) {
      constexpr auto kMakes = std::to_array<std::string_view>(
          {"workdir", "volume", "copy", "add", "mkdir", "ln", "chown"});
      return std::ranges::find(kMakes, name) != kMakes.end();
    }
    return name == "mountpath" || name == "mount_path";
  });
}

bool is_path_in_container(const FileRuleContext& context, std::size_t index) {
  const Item& item = context.items.items[index];
  const std::string_view name = context.name_of(item);
  switch (context.kind) {
    case FileKind::shell:
      return item.role == Role::word || item.role == Role::value;
    case FileKind::dockerfile: {
      if (item.role == Role::word || item.role == Role::value) {
        const std::string instruction = lower(name);
        return instruction != "from" && lower(context.name_of(item, 2)) != "label";
      }
      return false;
    }
    case FileKind::script:
      return item.role == Role::value && takes_path(name);
    default:
      if (item.role == Role::word) return true;
      return item.role == Role::value &&
             (is_command(name) || names_path(name) || !variable_of(context, item).empty());
  }
}

}  // namespace dagfix

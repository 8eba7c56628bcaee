#include "files/items.hpp"

#include <algorithm>

#include "files/scan.hpp"

namespace dagfix {

namespace {

/// Aliases of aliases can stand for more than any memory holds.
constexpr std::size_t kMostCopies = 20'000;

}  // namespace

void ItemSink::add_alias(ByteRange range, std::uint32_t parent) {
  const auto found = anchors.find(slice({range.begin + 1, range.end}));
  if (found == anchors.end()) return;
  const std::uint32_t anchor = found->second;
  const auto copy = [&](std::uint32_t index, std::uint32_t owner, std::uint32_t group) {
    Item item = out.items[index];
    out.shared.push_back(item.content);
    item.range = range;
    item.parent = owner;
    item.group = group;
    ++copies;
    return add(item);
  };
  if (copies >= kMostCopies) return;
  if (out.items[anchor].role == Item::Role::value) {
    copy(anchor, parent, new_group());
    return;
  }
  std::map<std::uint32_t, std::uint32_t> groups_of_copies;
  std::map<std::uint32_t, std::uint32_t> owners = {{anchor, parent}};
  // `<<: *name` makes the entries those of the mapping around.
  const bool is_merge = parent != Item::kNone && slice(out.items[parent].content) == "<<";
  if (is_merge) owners[anchor] = out.items[parent].parent;
  const std::uint32_t merged = is_merge ? out.items[parent].group : 0;
  const auto last = static_cast<std::uint32_t>(out.items.size());
  for (std::uint32_t i = anchor + 1; i < last && copies < kMostCopies; ++i) {
    const Item item = out.items[i];
    const auto owner = owners.find(item.parent);
    if (owner == owners.end()) return;
    const bool joins = is_merge && item.parent == anchor;
    std::uint32_t& group = groups_of_copies[item.group];
    if (group == 0) group = joins ? merged : new_group();
    owners[i] = copy(i, owner->second, group);
  }
}

std::size_t template_end(std::string_view text, std::size_t at, std::size_t end) {
  const auto close = text.substr(0, end).find("}}", at + 2);
  return close == std::string_view::npos ? close : close + 2;
}

FileItems items_of(std::string_view text, FileKind kind, std::string_view path) {
  FileItems result;
  ItemSink sink{text, result};
  const std::size_t bom = text.starts_with("\xef\xbb\xbf") ? 3 : 0;
  const ByteRange all = byte_range(bom, text.size());
  switch (kind) {
    case FileKind::yaml:
      scan_yaml(sink, all, Item::kNone);
      break;
    case FileKind::json:
      scan_json(sink, all, Item::kNone);
      break;
    case FileKind::dockerfile:
      scan_dockerfile(sink, all);
      break;
    case FileKind::shell:
      scan_shell(sink, all, Item::kNone);
      break;
    case FileKind::script:
      if (path.ends_with(".vue")) {
        scan_vue(sink, all);
      } else {
        scan_script(sink, all, Item::kNone);
      }
      break;
    case FileKind::python:
    case FileKind::notebook:
      break;
  }
  return result;
}

}  // namespace dagfix

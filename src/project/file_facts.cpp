#include "project/file_facts.hpp"

#include "files/items.hpp"

namespace dagfix {

bool may_have_facts(FileKind kind, std::string_view path) {
  if (kind == FileKind::dockerfile) return true;
  return kind == FileKind::yaml && path.substr(path.rfind('/') + 1).starts_with("values");
}

ProjectFacts file_facts(FileKind kind, std::string_view path, std::string_view text) {
  ProjectFacts facts;
  if (!may_have_facts(kind, path)) return facts;
  const FileItems file = items_of(text, kind, path);
  const auto slice = [&](const Item& item) {
    return text.substr(item.content.begin, item.content.size());
  };
  for (const Item& item : file.items) {
    if (kind == FileKind::yaml && item.role == Item::Role::key) {
      facts.chart_values.emplace(slice(item));
    }
    const bool is_value = kind == FileKind::dockerfile && item.role == Item::Role::value;
    if (!is_value || item.parent == Item::kNone) continue;
    const Item& key = file.items[item.parent];
    const bool is_label = key.parent != Item::kNone && slice(file.items[key.parent]) == "LABEL";
    if (is_label && slice(key) == "IMAGE") facts.own_images.emplace(slice(item));
  }
  return facts;
}

}  // namespace dagfix

#include "files/items.hpp"

#include <algorithm>

#include "files/scan.hpp"

namespace dagfix {

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

#pragma once

#include <map>
#include <string_view>

#include "files/items.hpp"

namespace dagfix {

/// Where the scanners of this folder put what they find.
struct ItemSink {
  std::string_view text;
  FileItems& out;
  std::uint32_t groups = 0;
  /// By name, the anchors of a YAML document: a scalar, or the key of a collection.
  std::map<std::string_view, std::uint32_t> anchors = {};
  std::size_t copies = 0;  // of items that aliases stand for

  std::uint32_t add(Item item) {
    out.items.push_back(item);
    return static_cast<std::uint32_t>(out.items.size() - 1);
  }
  std::uint32_t new_group() { return ++groups; }
  /// Lists what `*name` at `range` stands for as if it stood there; nothing if it is not known.
  void add_alias(ByteRange range, std::uint32_t parent);
  std::string_view slice(ByteRange range) const {
    return text.substr(range.begin, range.end - range.begin);
  }
};

// Each reads a part of the text; `parent` is what names it (an item, or Item::kNone).

void scan_json(ItemSink& sink, ByteRange range, std::uint32_t parent);
/// A flow collection of YAML that begins at `begin`; returns its end, or `begin` if it has none.
std::uint32_t scan_flow(ItemSink& sink, ByteRange range, std::uint32_t parent);
void scan_yaml(ItemSink& sink, ByteRange range, std::uint32_t parent);
/// `is_list`: the words are not commands (an instruction of a Dockerfile), all name `parent`.
void scan_shell(ItemSink& sink, ByteRange range, std::uint32_t parent, bool is_list = false);
void scan_dockerfile(ItemSink& sink, ByteRange range);
void scan_script(ItemSink& sink, ByteRange range, std::uint32_t parent);
void scan_vue(ItemSink& sink, ByteRange range);

/// Behind the `}}` of a template that begins at `at`; npos if it does not end before `end`.
std::size_t template_end(std::string_view text, std::size_t at, std::size_t end);

inline ByteRange byte_range(std::size_t begin, std::size_t end) {
  return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
}

inline bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

}  // namespace dagfix

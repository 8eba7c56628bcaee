#include "files/notebook.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

namespace dagfix {

namespace {

constexpr int kMostNested = 100;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

void append_utf8(std::uint32_t code, std::string& out) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6);
    byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18);
    byte(0x80 | (code >> 12 & 0x3f));
    byte(0x80 | (code >> 6 & 0x3f));
    byte(0x80 | (code & 0x3f));
  }
}

/// Text as the inside of a JSON string; what is not ASCII stays.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  return out;
}

}  // namespace

/// Walks the JSON of a notebook, and stops at the first thing that is none.
class NotebookReader {
 public:
  explicit NotebookReader(std::string_view json) : json_(json) { book_.json_ = json; }

  std::optional<Notebook> read() {
    if (json_.starts_with("\xef\xbb\xbf")) at_ = 3;
    const bool is_read = object([&](std::string_view key) {
      if (key == "cells") return list([&] { return cell(); });
      if (key == "metadata") return metadata();
      return skip(0);
    });
    if (!is_read || !is_python_ || book_.cells_.empty()) return std::nullopt;
    return std::move(book_);
  }

 private:
  /// A part of a source: the inside of one JSON string.
  struct Part {
    std::size_t begin;
    std::size_t end;
  };

  char peek() {
    while (at_ < json_.size() && is_space(json_[at_])) ++at_;
    return at_ < json_.size() ? json_[at_] : '\0';
  }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }

  std::optional<Part> string() {
    if (!take('"')) return std::nullopt;
    const std::size_t begin = at_;
    for (; at_ < json_.size(); ++at_) {
      if (json_[at_] == '"') return Part{begin, at_++};
      if (json_[at_] == '\\') ++at_;
    }
    return std::nullopt;
  }

  template <typename Function>
  bool object(Function value) {
    if (!take('{')) return false;
    if (take('}')) return true;
    do {
      const auto key = string();
      if (!key || !take(':')) return false;
      if (!value(json_.substr(key->begin, key->end - key->begin))) return false;
    } while (take(','));
    return take('}');
  }

  template <typename Function>
  bool list(Function value) {
    if (!take('[')) return false;
    if (take(']')) return true;
    do {
      if (!value()) return false;
    } while (take(','));
    return take(']');
  }

  bool skip(int depth) {
    if (depth > kMostNested) return false;
    const char c = peek();
    if (c == '"') return string().has_value();
    if (c == '{') return object([&](std::string_view) { return skip(depth + 1); });
    if (c == '[') return list([&] { return skip(depth + 1); });
    const std::size_t begin = at_;
    while (at_ < json_.size() && !is_space(json_[at_]) &&
           !std::string_view(",]}").contains(json_[at_])) {
      ++at_;
    }
    return at_ > begin;
  }

  /// A notebook of another language says so.
  bool metadata() {
    const auto name_is_python = [&](std::string_view key) {
      if (key != "name" && key != "language") return skip(0);
      if (peek() != '"') return skip(0);
      const auto name = string();
      if (!name) return false;
      const std::string_view text = json_.substr(name->begin, name->end - name->begin);
      if (key == "language" || in_language_info_) {
        is_python_ = text.contains("python");
      }
      return true;
    };
    return object([&](std::string_view key) {
      in_language_info_ = key == "language_info";
      if ((key == "language_info" || key == "kernelspec") && peek() == '{') {
        return object(name_is_python);
      }
      return skip(0);
    });
  }

  bool cell() {
    ++number_;
    bool is_code = false;
    std::vector<Part> source;
    const auto add = [&] {
      const auto part = string();
      if (part) source.push_back(*part);
      return part.has_value();
    };
    const bool is_read = object([&](std::string_view key) {
      if (key == "cell_type") {
        const auto type = string();
        is_code = type && json_.substr(type->begin, type->end - type->begin) == "code";
        return type.has_value();
      }
      if (key == "source") return peek() == '[' ? list(add) : add();
      return skip(0);
    });
    if (is_read && is_code && !source.empty()) return add_cell(source);
    return is_read;
  }

  bool add_cell(const std::vector<Part>& source) {
    const std::size_t begin = book_.code_.size();
    for (const Part& part : source) {
      if (!decode(part)) return false;
    }
    const auto end = static_cast<std::uint32_t>(book_.code_.size());
    // What follows the last byte, and the line that separates the cells.
    book_.offsets_.push_back(static_cast<std::uint32_t>(source.back().end));
    book_.code_ += '\n';
    // How the file parts its lines: `",`, a line end, an indentation, `"`.
    const std::string_view separator =
        source.size() > 1 ? json_.substr(source[0].end, source[1].begin - source[0].end)
                          : std::string_view();
    book_.cells_.push_back({number_, {static_cast<std::uint32_t>(begin), end}, separator});
    hide_magic(begin, end);
    return true;
  }

  void put(std::string_view text, std::size_t from) {
    book_.code_ += text;
    book_.offsets_.insert(book_.offsets_.end(), text.size(), static_cast<std::uint32_t>(from));
  }

  std::optional<std::uint32_t> hex(std::size_t at) const {
    std::uint32_t value = 0;
    const char* const begin = json_.data() + at;
    if (at + 4 > json_.size()) return std::nullopt;
    const auto [stop, error] = std::from_chars(begin, begin + 4, value, 16);
    if (error != std::errc{} || stop != begin + 4) return std::nullopt;
    return value;
  }

  bool decode(Part part) {
    for (std::size_t at = part.begin; at < part.end;) {
      const std::size_t from = at;
      if (json_[at] != '\\') {
        put(json_.substr(at, 1), from);
        ++at;
        continue;
      }
      const char c = json_[at + 1];
      at += 2;
      constexpr std::string_view kNames = "\"\\/bfnrt";
      constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
      if (const auto index = kNames.find(c); index != std::string_view::npos) {
        put(kMeant.substr(index, 1), from);
        continue;
      }
      auto code = c == 'u' ? hex(at) : std::nullopt;
      if (!code || *code == 0) return false;
      at += 4;
      if (*code >= 0xd800 && *code < 0xdc00) {
        const auto low = json_.substr(at).starts_with("\\u") ? hex(at + 2) : std::nullopt;
        if (!low || *low < 0xdc00 || *low > 0xdfff) return false;
        code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
        at += 6;
      }
      std::string bytes;
      append_utf8(*code, bytes);
      put(bytes, from);
    }
    return true;
  }

  /// Turns what only IPython reads into comments of the same length.
  void hide_magic(std::size_t begin, std::size_t end) {
    std::string& code = book_.code_;
    bool whole_cell = false;
    for (std::size_t at = begin; at < end;) {
      const std::size_t last = std::min(code.find('\n', at), end);
      const std::size_t first = code.find_first_not_of(" \t\r\n", at);
      const std::string_view line =
          first < last ? std::string_view(code).substr(first, last - first) : std::string_view();
      if (!whole_cell && line.starts_with("%%") && !is_python_magic(line)) whole_cell = true;
      const bool is_magic = line.starts_with('%') || line.starts_with('!') || line.starts_with('?');
      if (!line.empty() && (whole_cell || is_magic || asks_for_help(line))) {
        // A line that is indented may be all that a block has.
        const bool is_body = first > at && !whole_cell && last - first >= 4;
        code.replace(first, 1, "#");
        if (is_body)
          code.replace(first, 4, "pass")
              .replace(first + 4, last - first - 4, comment(last - first - 4));
        book_.hidden_.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(last)});
      }
      at = last + 1;
    }
  }
  static std::string comment(std::size_t size) {
    std::string text(size, ' ');
    if (size > 0) text[0] = '#';
    return text;
  }
  static bool is_python_magic(std::string_view line) {
    constexpr auto kMagic =
        std::to_array<std::string_view>({"%%time", "%%capture", "%%prun", "%%debug"});
    return std::ranges::any_of(kMagic,
                               [&](std::string_view name) { return line.starts_with(name); });
  }
  /// name?
  static bool asks_for_help(std::string_view line) {
    while (line.ends_with('\r') || line.ends_with(' ')) line.remove_suffix(1);
    return line.ends_with('?') && line.find_first_of("#'\"") == std::string_view::npos;
  }

  std::string_view json_;
  std::size_t at_ = 0;
  std::uint32_t number_ = 0;
  bool is_python_ = true;
  bool in_language_info_ = false;
  Notebook book_;
};

std::optional<Notebook> Notebook::read(std::string_view json) {
  return NotebookReader(json).read();
}

const Notebook::Cell& Notebook::cell_at(std::uint32_t offset) const {
  const auto after = std::ranges::upper_bound(cells_, offset, {},
                                              [](const Cell& cell) { return cell.range.begin; });
  assert(after != cells_.begin());
  return *std::prev(after);
}

ByteRange Notebook::in_file(ByteRange range) const {
  const auto at = [&](std::uint32_t offset) {
    return offset < offsets_.size() ? offsets_[offset] : offsets_.back();
  };
  return {at(range.begin), std::max(at(range.begin), at(range.end))};
}

std::optional<Edit> Notebook::in_file(const Edit& edit) const {
  const Cell& cell = cell_at(edit.range.begin);
  ByteRange range = edit.range;
  std::string_view text = edit.text;
  // A last line that goes whole takes the end of the cell with it, which is not in the file.
  if (range.end == cell.range.end + 1) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    --range.end;
  }
  if (!cell.range.contains(range)) return std::nullopt;
  const bool is_hidden = std::ranges::any_of(
      hidden_, [&](ByteRange line) { return range.begin < line.end && line.begin < range.end; });
  if (is_hidden) return std::nullopt;
  Edit result{in_file(range), {}};
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    result.text += escaped(text.substr(0, size));
    const bool ends_line = text[size - 1] == '\n';
    text.remove_prefix(size);
    const bool is_last = text.empty() && range.end == cell.range.end;
    if (ends_line && !is_last) result.text += cell.separator;
  }
  return result;
}

}  // namespace dagfix

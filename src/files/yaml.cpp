#include <algorithm>
#include <optional>
#include <vector>

#include "files/scan.hpp"

namespace dagfix {

namespace {

using Role = Item::Role;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

/// Whether a block scalar below such a key is what a shell runs.
bool is_shell_key(std::string_view key) {
  return key == "command" || key == "args" || key == "script" || key == "run" ||
         key == "before_script" || key == "after_script";
}

/// Reads block style line by line. A Helm template is no YAML before it is rendered: lines with
/// nothing but a template are passed over, values with a template in them are not plain.
class YamlScanner {
 public:
  YamlScanner(ItemSink& sink, ByteRange range, std::uint32_t parent)
      : sink_(sink), text_(sink.text), at_(range.begin), end_(range.end), outer_(parent) {}

  void run() {
    while (at_ < end_) {
      line_begin_ = at_;
      line_end_ = end_of_line(at_);
      const std::size_t first = first_of(at_, line_end_);
      next_ = std::min(line_end_ + 1, end_);
      if (first < line_end_) line(first);
      at_ = std::max(next_, line_begin_ + 1);
    }
  }

 private:
  struct Level {
    std::size_t indent;
    std::uint32_t key;
    std::uint32_t parent;
    std::uint32_t group;
  };

  std::size_t end_of_line(std::size_t from) const {
    const auto found = text_.find('\n', from);
    return found == std::string_view::npos || found > end_ ? end_ : found;
  }
  std::size_t first_of(std::size_t from, std::size_t to) const {
    while (from < to && is_blank(text_[from])) ++from;
    return from;
  }
  bool starts(std::size_t at, std::string_view what) const {
    return text_.substr(at, line_end_ - at).starts_with(what);
  }

  void line(std::size_t at) {
    if (text_[at] == '#') return comment(at);
    if (starts(at, "{{")) return template_line(at);
    if (at == line_begin_ && (starts(at, "---") || starts(at, "...") || starts(at, "%"))) {
      levels_.clear();
      sink_.anchors.clear();
      return;
    }
    std::optional<std::uint32_t> list_parent;
    while (text_[at] == '-' && (at + 1 == line_end_ || is_blank(text_[at + 1]))) {
      drop_levels(at - line_begin_ + 1);
      list_parent = levels_.empty() ? outer_ : levels_.back().key;
      item_indent_ = at - line_begin_;
      at = first_of(at + 1, line_end_);
      if (at >= line_end_) return;
    }
    if (text_[at] == '#') return comment(at);
    if (text_[at] == '?') return;
    node(at, list_parent);
  }

  /// Drops what is indented by `indent` or more.
  void drop_levels(std::size_t indent) {
    while (!levels_.empty() && levels_.back().indent >= indent) levels_.pop_back();
  }

  void comment(std::size_t at) {
    std::size_t last = line_end_;
    if (last > at && text_[last - 1] == '\r') --last;
    sink_.out.comments.push_back(byte_range(at, last));
  }

  /// {{- if ... }}, or {{/* a comment of several lines */}}
  void template_line(std::size_t at) {
    const std::size_t after = template_end(text_, at, end_);
    if (after == std::string_view::npos) return;
    if (after > line_end_) next_ = std::min(end_of_line(after) + 1, end_);
  }

  /// `key: value`, or a value alone: an element of a list.
  void node(std::size_t at, std::optional<std::uint32_t> list_parent) {
    const std::size_t indent = at - line_begin_;
    if (text_[at] == '{' || text_[at] == '[') {
      drop_levels(indent);
      return flow(at, list_parent ? *list_parent : levels_.empty() ? outer_ : levels_.back().key);
    }
    std::size_t behind = at;
    const std::optional<Item> scalar = read_scalar(at, true, behind);
    const std::size_t colon = first_of(behind, line_end_);
    const bool is_key = scalar && colon < line_end_ && text_[colon] == ':' &&
                        (colon + 1 == line_end_ || is_blank(text_[colon + 1]));
    if (!is_key) {
      if (list_parent) value(at, *list_parent, item_indent_);
      return;
    }
    Item key = *scalar;
    key.role = Role::key;
    place_key(key, indent, list_parent);
    const std::uint32_t index = sink_.add(key);
    levels_.push_back({indent, index, key.parent, key.group});
    value(first_of(colon + 1, line_end_), index, indent);
  }

  /// Finds out which mapping a key belongs to.
  void place_key(Item& key, std::size_t indent, std::optional<std::uint32_t> list_parent) {
    drop_levels(indent + 1);
    if (!list_parent && !levels_.empty() && levels_.back().indent == indent) {
      key.parent = levels_.back().parent;
      key.group = levels_.back().group;
      levels_.pop_back();
      return;
    }
    key.parent = list_parent ? *list_parent : levels_.empty() ? outer_ : levels_.back().key;
    key.group = sink_.new_group();
  }

  /// What follows a key or a dash that stands at column `indent`.
  void value(std::size_t at, std::uint32_t parent, std::size_t indent) {
    std::string_view anchor;
    while (at < line_end_ && (text_[at] == '&' || text_[at] == '!')) {
      const std::string_view property = word_at(at);
      if (property[0] == '&') anchor = property.substr(1);
      at = first_of(at + property.size(), line_end_);
    }
    if (at < line_end_ && text_[at] == '*') {
      return sink_.add_alias(byte_range(at, at + word_at(at).size()), parent);
    }
    const bool is_empty = at >= line_end_ || text_[at] == '#';
    const bool is_collection = is_empty || text_[at] == '{' || text_[at] == '[';
    // What stands below a dash has no key of its own by which to find it again.
    const bool is_element = levels_.empty() || levels_.back().key != parent;
    if (!anchor.empty() && is_collection && !is_element) sink_.anchors[anchor] = parent;
    if (at >= line_end_) return;
    if (text_[at] == '#') return comment(at);
    if (text_[at] == '|' || text_[at] == '>') return block(parent, indent);
    if ((text_[at] == '{' && !starts(at, "{{")) || text_[at] == '[') return flow(at, parent);
    std::size_t behind = at;
    std::optional<Item> scalar = read_scalar(at, false, behind);
    if (!scalar) return skip_quoted(at);
    const std::size_t rest = first_of(behind, line_end_);
    if (rest < line_end_) {
      if (text_[rest] != '#') return;
      comment(rest);
    }
    if (goes_on(indent) && !starts(at, "{{")) {
      scalar->is_plain = false;
      skip_deeper(indent);
    }
    scalar->parent = parent;
    const std::uint32_t index = sink_.add(*scalar);
    if (!anchor.empty()) sink_.anchors[anchor] = index;
  }

  std::string_view word_at(std::size_t at) const {
    std::size_t last = at;
    while (last < line_end_ && !is_blank(text_[last])) ++last;
    return text_.substr(at, last - at);
  }

  void flow(std::size_t at, std::uint32_t parent) {
    const std::size_t after = scan_flow(sink_, byte_range(at, end_), parent);
    if (after > line_end_) next_ = std::min(end_of_line(after) + 1, end_);
    if (after > at && after <= line_end_) {
      const std::size_t rest = first_of(after, line_end_);
      if (rest < line_end_ && text_[rest] == '#') comment(rest);
    }
  }

  void block(std::uint32_t parent, std::size_t indent) {
    const std::size_t begin = next_;
    skip_deeper(indent);
    if (parent == Item::kNone || next_ <= begin) return;
    const std::string_view key = sink_.slice(sink_.out.items[parent].content);
    const ByteRange lines = byte_range(begin, next_);
    const auto kind = kind_of_name(key);
    if (kind == FileKind::json) scan_json(sink_, lines, parent);
    if (kind == FileKind::yaml) scan_yaml(sink_, lines, parent);
    if (kind == FileKind::shell || is_shell_key(key)) scan_shell(sink_, lines, parent);
  }

  /// A scalar that begins and ends in this line; `behind` is where it ends.
  std::optional<Item> read_scalar(std::size_t at, bool may_be_key, std::size_t& behind) const {
    const char quote = text_[at];
    if (quote == '"' || quote == '\'') return read_quoted(at, behind);
    Item item;
    std::size_t last = at;
    while (last < line_end_) {
      if (starts(last, "{{")) {
        const std::size_t after = template_end(text_, last, line_end_);
        if (after == std::string_view::npos) return std::nullopt;
        item.is_plain = false;
        last = after;
        continue;
      }
      const char c = text_[last];
      const bool is_last = last + 1 >= line_end_ || is_blank(text_[last + 1]);
      if (c == ':' && is_last && may_be_key) break;
      if (c == '#' && last > at && is_blank(text_[last - 1])) break;
      ++last;
    }
    behind = last;
    while (last > at && is_blank(text_[last - 1])) --last;
    if (last == at) return std::nullopt;
    item.range = item.content = byte_range(at, last);
    return item;
  }

  std::optional<Item> read_quoted(std::size_t at, std::size_t& behind) const {
    Item item;
    item.quote = text_[at];
    for (std::size_t i = at + 1; i < line_end_; ++i) {
      if (text_[i] == '\\' && item.quote == '"') {
        item.is_plain = false;
        ++i;
      } else if (text_[i] == item.quote && i + 1 < line_end_ && item.quote == '\'' &&
                 text_[i + 1] == '\'') {
        item.is_plain = false;
        ++i;
      } else if (text_[i] == item.quote) {
        behind = i + 1;
        item.range = byte_range(at, i + 1);
        item.content = byte_range(at + 1, i);
        if (sink_.slice(item.content).contains("{{")) item.is_plain = false;
        return item;
      } else if (starts(i, "{{")) {
        // Helm lets a template in quotes have quotes of its own.
        const std::size_t after = template_end(text_, i, line_end_);
        if (after == std::string_view::npos) return std::nullopt;
        item.is_plain = false;
        i = after - 1;
      }
    }
    return std::nullopt;
  }

  /// A quoted scalar of several lines.
  void skip_quoted(std::size_t at) {
    const char quote = text_[at];
    if (quote != '"' && quote != '\'') return;
    for (std::size_t i = at + 1; i < end_; ++i) {
      if (text_[i] == '\\' && quote == '"') {
        ++i;
      } else if (text_[i] == quote) {
        next_ = std::min(end_of_line(i) + 1, end_);
        return;
      }
    }
  }

  /// Whether the next line that has anything is indented deeper: it belongs to this value.
  bool goes_on(std::size_t indent) const {
    for (std::size_t at = next_; at < end_;) {
      const std::size_t last = end_of_line(at);
      const std::size_t first = first_of(at, last);
      if (first < last) {
        const char c = text_[first];
        return first - at > indent && c != '#' && c != '{';
      }
      at = last + 1;
    }
    return false;
  }

  void skip_deeper(std::size_t indent) {
    while (next_ < end_) {
      const std::size_t last = end_of_line(next_);
      const std::size_t first = first_of(next_, last);
      if (first < last && first - next_ <= indent) return;
      next_ = std::min(last + 1, end_);
    }
  }

  ItemSink& sink_;
  std::string_view text_;
  std::size_t at_;
  std::size_t end_;
  std::uint32_t outer_;
  std::size_t line_begin_ = 0;
  std::size_t line_end_ = 0;
  std::size_t next_ = 0;         // where to go on
  std::size_t item_indent_ = 0;  // of the last dash
  std::vector<Level> levels_;
};

}  // namespace

void scan_yaml(ItemSink& sink, ByteRange range, std::uint32_t parent) {
  YamlScanner(sink, range, parent).run();
}

}  // namespace dagfix

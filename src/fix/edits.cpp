#include "fix/edits.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace dagfix {

namespace {

std::uint32_t skip_blanks(std::string_view text, std::uint32_t at) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  return at;
}

/// The comma that follows an item; null if there is none.
Node comma_of(Node item) {
  for (Node next = item.next_sibling(); next; next = next.next_sibling()) {
    if (next.is(Kind::comma)) return next;
    if (!next.is(Kind::comment) && !next.is(Kind::line_continuation)) break;
  }
  return {};
}

/// Offset behind the comma that follows an item, or behind the item if there is none.
std::uint32_t behind_comma(Node item) {
  const Node comma = comma_of(item);
  return comma ? comma.end() : item.end();
}

bool has_comment_between(Node from, Node to) {
  for (Node node = from.next_sibling(); node && node.begin() < to.begin();
       node = node.next_sibling()) {
    if (node.is(Kind::comment)) return true;
  }
  return false;
}

/// The comment that ends the line of an item, with nothing but a comma between them.
Node comment_behind(std::string_view text, Node item, std::uint32_t comma) {
  for (Node next = item.next_sibling(); next; next = next.next_sibling()) {
    if (next.is(Kind::comma)) continue;
    const bool follows = next.is(Kind::comment) && skip_blanks(text, comma) == next.begin();
    return follows ? next : Node();
  }
  return {};
}

/// Adds an insertion; it becomes a part of the edit that begins at the same place.
void insert(std::vector<Edit>& edits, std::uint32_t at, std::string inserted) {
  const auto same = std::ranges::find(edits, at, [](const Edit& edit) { return edit.range.begin; });
  if (same == edits.end()) {
    edits.push_back({{at, at}, std::move(inserted)});
  } else {
    same->text.insert(0, inserted);
  }
}

/// An item that is followed by one that stays.
Edit remove_before(std::string_view text, Node item, Node next) {
  if (!has_comment_between(item, next)) return {{item.begin(), next.begin()}, ""};
  const ByteRange range{item.begin(), skip_blanks(text, behind_comma(item))};
  const Node comma = comma_of(item);
  // Where lines begin with commas, the comment stands before the one of its argument.
  if (!comma || !has_comment_between(item, comma)) return {range, ""};
  return {range, std::string(text.substr(item.end(), comma.begin() - item.end()))};
}

/// The items from `first` to `last` at the end of the list, behind `kept`.
Edit remove_tail(std::string_view text, Node kept, Node first, Node last) {
  if (!has_comment_between(kept, first)) return {{kept.end(), last.end()}, ""};
  const std::uint32_t end = behind_comma(last);
  const std::uint32_t rest = skip_blanks(text, end);
  const bool ends_line =
      rest == text.size() || text[rest] == '\n' || text[rest] == '\r' || text[rest] == '#';
  // The bracket that closes the list must not become a part of the comment.
  if (!ends_line) return {{first.begin(), end}, ""};
  std::uint32_t begin = first.begin();
  while (begin > 0 && (text[begin - 1] == ' ' || text[begin - 1] == '\t')) --begin;
  if (begin > 0 && text[begin - 1] == '\n') --begin;
  if (begin > 0 && text[begin - 1] == '\r') --begin;
  return {{begin, end}, ""};
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// All items, with the lines between the brackets if nothing else stands there.
Edit remove_all(std::string_view text, std::span<const Node> items) {
  ByteRange range{items.front().begin(), behind_comma(items.back())};
  std::uint32_t begin = range.begin;
  std::uint32_t end = range.end;
  while (begin > 0 && is_space(text[begin - 1])) --begin;
  while (end < text.size() && is_space(text[end])) ++end;
  const bool is_call = begin > 0 && text[begin - 1] == '(' && end < text.size() && text[end] == ')';
  if (is_call) range = {begin, end};
  return {range, ""};
}

}  // namespace

bool conflict(const Edit& a, const Edit& b) {
  if (a == b) return false;
  if (a.range.begin == b.range.begin && (a.range.size() == 0 || b.range.size() == 0)) return true;
  return a.range.begin < b.range.end && b.range.begin < a.range.end;
}

std::vector<Edit> remove_items(std::string_view text, std::span<const Node> items,
                               const std::vector<bool>& drop) {
  std::vector<Edit> edits;
  const auto last_kept = std::find(drop.rbegin(), drop.rend(), false);
  if (last_kept == drop.rend()) {
    if (!items.empty()) edits.push_back(remove_all(text, items));
    return edits;
  }
  const auto tail = static_cast<std::size_t>(drop.rend() - last_kept);
  for (std::size_t i = 0; i + 1 < tail; ++i) {
    if (drop[i]) edits.push_back(remove_before(text, items[i], items[i + 1]));
  }
  if (tail < items.size()) {
    edits.push_back(remove_tail(text, items[tail - 1], items[tail], items.back()));
  }
  return edits;
}

void append_arguments(std::string_view text, Node argument_list, std::span<const Node> kept,
                      std::span<const std::string> items, std::vector<Edit>& edits) {
  if (items.empty()) return;
  const Node last = kept.empty() ? Node() : kept.back();
  const std::string between = separator_behind(text, last);
  std::string inserted;
  for (const std::string& item : items) inserted += (inserted.empty() ? "" : between) + item;
  if (!last) {
    const std::uint32_t at = argument_list.begin() + 1;
    return insert(edits, at, std::move(inserted));
  }
  const std::uint32_t comma = behind_comma(last);
  const Node comment = comment_behind(text, last, comma);
  if (between == ", " || !comment) return insert(edits, last.end(), between + inserted);
  if (comma == last.end()) edits.push_back({{comma, comma}, ","});
  insert(edits, comment.end(), between.substr(1) + inserted + (comma == last.end() ? "" : ","));
}

std::uint32_t line_begin(std::string_view text, std::uint32_t offset) {
  while (offset > 0 && text[offset - 1] != '\n' && text[offset - 1] != '\r') --offset;
  return offset;
}

std::uint32_t line_end(std::string_view text, std::uint32_t offset) {
  while (offset < text.size() && text[offset] != '\n' && text[offset] != '\r') ++offset;
  return offset;
}

std::string_view line_break_at(std::string_view text, std::uint32_t offset) {
  const std::string_view rest = text.substr(offset);
  if (rest.starts_with("\r\n")) return "\r\n";
  return rest.starts_with('\r') ? "\r" : "\n";
}

std::string separator_behind(std::string_view text, Node item) {
  if (!item) return ", ";
  const std::uint32_t start = line_begin(text, item.begin());
  const std::string_view indent = indent_of(text, item.begin());
  if (start == 0 || start + indent.size() != item.begin()) return ", ";
  const bool crlf = text.substr(0, start).ends_with("\r\n");
  return fmt::format(",{}{}", line_break_at(text, start - (crlf ? 2 : 1)), indent);
}

std::string_view indent_of(std::string_view text, std::uint32_t offset) {
  const std::uint32_t begin = line_begin(text, offset);
  const std::uint32_t end = skip_blanks(text, begin);
  return text.substr(begin, std::min(end, offset) - begin);
}

}  // namespace dagfix

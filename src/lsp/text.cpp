#include "lsp/text.hpp"

#include <algorithm>
#include <utility>

namespace dagfix::lsp {

namespace {

/// Adds the starts of the lines that end in [from, to).
void add_starts(std::string_view text, std::size_t from, std::size_t to,
                std::vector<std::uint32_t>& starts) {
  for (std::size_t at = text.find_first_of("\r\n", from); at < to;
       at = text.find_first_of("\r\n", at)) {
    at += text.substr(at, 2) == "\r\n" ? 2 : 1;
    starts.push_back(static_cast<std::uint32_t>(at));
  }
}

std::size_t size_of_character(char lead) {
  const auto byte = static_cast<unsigned char>(lead);
  return byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
}

std::uint32_t units_of_character(std::size_t bytes, Encoding encoding) {
  if (encoding == Encoding::utf8) return static_cast<std::uint32_t>(bytes);
  return encoding == Encoding::utf16 && bytes == 4 ? 2 : 1;
}

}  // namespace

Text::Text(std::string text) : text_(std::move(text)), starts_{0} {
  add_starts(text_, 0, text_.size(), starts_);
}

std::size_t Text::line_index(std::uint32_t offset) const {
  return static_cast<std::size_t>(std::ranges::upper_bound(starts_, offset) - starts_.begin()) - 1;
}

std::uint32_t Text::line_end(std::size_t line) const {
  std::size_t end = line + 1 < starts_.size() ? starts_[line + 1] : text_.size();
  if (line + 1 < starts_.size()) {
    --end;
    if (text_[end] == '\n' && end > starts_[line] && text_[end - 1] == '\r') --end;
  }
  return static_cast<std::uint32_t>(end);
}

Position Text::position(std::uint32_t offset, Encoding encoding) const {
  const std::size_t line = line_index(offset);
  Position position{static_cast<std::uint32_t>(line), 0};
  // Between CR and LF there is no place in the line.
  const std::uint32_t end = std::min(offset, line_end(line));
  if (encoding == Encoding::utf8) {
    position.character = end - starts_[line];
    return position;
  }
  for (std::size_t at = starts_[line]; at < end; at += size_of_character(text_[at])) {
    position.character += units_of_character(size_of_character(text_[at]), encoding);
  }
  return position;
}

Range Text::range(ByteRange range, Encoding encoding) const {
  return {position(range.begin, encoding), position(range.end, encoding)};
}

std::uint32_t Text::offset(Position position, Encoding encoding) const {
  if (position.line >= starts_.size()) return static_cast<std::uint32_t>(text_.size());
  std::uint32_t at = starts_[position.line];
  const std::uint32_t end = line_end(position.line);
  std::uint32_t left = position.character;
  while (at < end) {
    const std::size_t bytes = size_of_character(text_[at]);
    const std::uint32_t units = units_of_character(bytes, encoding);
    if (units > left) break;
    left -= units;
    at += static_cast<std::uint32_t>(bytes);
  }
  return std::min(at, end);
}

ByteRange Text::bytes(Range range, Encoding encoding) const {
  const std::uint32_t begin = offset(range.start, encoding);
  return {begin, std::max(begin, offset(range.end, encoding))};
}

ByteRange Text::line_at(std::uint32_t offset) const {
  const std::size_t line = line_index(offset);
  return {starts_[line], line_end(line)};
}

void Text::replace(ByteRange range, std::string_view text) {
  // A CR before and an LF behind may join what is inserted: one line more is read anew at each
  // side.
  std::size_t first = line_index(range.begin);
  if (first > 0) --first;
  const std::size_t last = std::min(line_index(range.end) + 2, starts_.size());
  std::vector<std::uint32_t> behind(starts_.begin() + static_cast<std::ptrdiff_t>(last),
                                    starts_.end());
  const std::size_t old_stop = behind.empty() ? text_.size() : behind.front();
  starts_.resize(first + 1);
  text_.replace(range.begin, range.size(), text);
  const std::size_t new_stop = old_stop - range.size() + text.size();
  add_starts(text_, starts_.back(), new_stop, starts_);
  // The loop stops behind the line end at new_stop, which `behind` begins with.
  if (!behind.empty() && starts_.size() > 1 && starts_.back() == new_stop) starts_.pop_back();
  for (const std::uint32_t start : behind) {
    starts_.push_back(static_cast<std::uint32_t>(start - range.size() + text.size()));
  }
}

}  // namespace dagfix::lsp

#include <algorithm>

#include "files/scan.hpp"

namespace dagfix {

namespace {

using Role = Item::Role;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool is_instruction(std::string_view word, std::string_view name) {
  return std::ranges::equal(word, name, [](char a, char b) { return (a & ~0x20) == b || a == b; });
}

class DockerfileScanner {
 public:
  DockerfileScanner(ItemSink& sink, ByteRange range)
      : sink_(sink), text_(sink.text), at_(range.begin), end_(range.end) {}

  void run() {
    while (at_ < end_) {
      const std::size_t last = end_of_line(at_);
      const std::size_t first = first_of(at_, last);
      if (first == last) {
        at_ = last + 1;
      } else if (text_[first] == '#') {
        comment(first, last);
        at_ = last + 1;
      } else {
        instruction(first);
      }
    }
  }

 private:
  std::size_t end_of_line(std::size_t from) const {
    const auto found = text_.find('\n', from);
    return found == std::string_view::npos || found > end_ ? end_ : found;
  }
  std::size_t first_of(std::size_t from, std::size_t to) const {
    while (from < to && is_blank(text_[from])) ++from;
    return from;
  }

  void comment(std::size_t begin, std::size_t last) {
    if (last > begin && text_[last - 1] == '\r') --last;
    sink_.out.comments.push_back(byte_range(begin, last));
  }

  /// The end of an instruction that goes on behind each backslash at a line's end. Comments and
  /// empty lines do not end it.
  std::size_t end_of_instruction(std::size_t at) const {
    bool goes_on = true;
    std::size_t last = at;
    while (goes_on && at < end_) {
      last = end_of_line(at);
      std::size_t tail = last;
      while (tail > at && is_blank(text_[tail - 1])) --tail;
      const std::size_t first = first_of(at, last);
      const bool is_passed_over = first == last || text_[first] == '#';
      goes_on = is_passed_over || (tail > at && text_[tail - 1] == '\\');
      at = last + 1;
    }
    return past_heredoc(last);
  }

  /// RUN <<EOF ... EOF
  std::size_t past_heredoc(std::size_t last) const {
    const std::string_view line = text_.substr(at_, last - at_);
    const auto sign = line.find("<<");
    if (sign == std::string_view::npos) return last;
    std::string_view word = line.substr(sign + 2);
    while (word.starts_with('-') || word.starts_with('"') || word.starts_with('\'')) {
      word.remove_prefix(1);
    }
    const auto size =
        static_cast<std::size_t>(std::ranges::find_if_not(word, is_name_char) - word.begin());
    word = word.substr(0, size);
    if (word.empty()) return last;
    for (std::size_t at = last + 1; at < end_;) {
      const std::size_t end = end_of_line(at);
      std::string_view body = text_.substr(at, end - at);
      while (body.ends_with('\r')) body.remove_suffix(1);
      while (body.starts_with('\t')) body.remove_prefix(1);
      if (body == word) return end;
      at = end + 1;
    }
    return last;
  }

  void instruction(std::size_t begin) {
    at_ = begin;
    std::size_t behind = begin;
    while (behind < end_ && is_name_char(text_[behind])) ++behind;
    const ByteRange name = byte_range(begin, behind);
    const std::size_t last = end_of_instruction(begin);
    at_ = last + 1;
    if (name.size() == 0) return;
    const std::uint32_t key =
        sink_.add({.role = Role::key, .range = name, .content = name, .group = sink_.new_group()});
    const std::size_t first = first_of(behind, last);
    const std::string_view word = sink_.slice(name);
    const auto is = [&](std::string_view other) { return is_instruction(word, other); };
    if (is("RUN") || is("CMD") || is("ENTRYPOINT") || is("HEALTHCHECK") || is("SHELL")) {
      if (first < last && text_[first] == '[') {
        scan_json(sink_, byte_range(first, last), key);
      } else {
        scan_shell(sink_, byte_range(first, last), key);
      }
      return;
    }
    const std::size_t before = sink_.out.items.size();
    scan_shell(sink_, byte_range(first, last), key, true);
    if (is("ENV") || is("LABEL")) old_form(before);
  }

  /// ENV NAME value
  void old_form(std::size_t first) {
    auto& items = sink_.out.items;
    if (items.size() < first + 2 || items[first].role != Role::word) return;
    items[first].role = Role::key;
    for (std::size_t i = first + 1; i < items.size(); ++i) {
      if (items[i].role != Role::word) continue;
      items[i].role = Role::value;
      items[i].parent = static_cast<std::uint32_t>(first);
      // Several words are one value.
      if (items.size() > first + 2) items[i].is_plain = false;
    }
  }

  ItemSink& sink_;
  std::string_view text_;
  std::size_t at_;
  std::size_t end_;
};

}  // namespace

void scan_dockerfile(ItemSink& sink, ByteRange range) { DockerfileScanner(sink, range).run(); }

}  // namespace dagfix

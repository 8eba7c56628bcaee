#include <vector>

#include "files/scan.hpp"

namespace dagfix {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// JSON, and the flow style of YAML, which adds plain scalars, single quotes and comments.
class FlowScanner {
 public:
  FlowScanner(ItemSink& sink, ByteRange range, std::uint32_t parent, bool is_yaml)
      : sink_(sink), text_(sink.text), at_(range.begin), end_(range.end), is_yaml_(is_yaml) {
    frames_.push_back({'[', parent, Item::kNone, sink_.new_group()});
  }

  /// Until everything is read or, in YAML, the first collection is closed.
  std::size_t run() {
    while (at_ < end_) {
      step();
      if (is_yaml_ && frames_.size() == 1) return at_;
    }
    return frames_.size() == 1 ? at_ : std::string_view::npos;
  }

 private:
  struct Frame {
    char bracket;
    std::uint32_t owner;  // the key of the collection
    std::uint32_t key;    // the key whose value is awaited
    std::uint32_t group;
  };

  void step() {
    const char c = text_[at_];
    if (text_.substr(at_).starts_with("{{")) {
      const std::size_t after = template_end(text_, at_, end_);
      at_ = after == std::string_view::npos ? at_ + 1 : after;
    } else if (c == '{' || c == '[') {
      frames_.push_back({c, parent(), Item::kNone, sink_.new_group()});
      ++at_;
    } else if (c == '}' || c == ']') {
      if (frames_.size() > 1) frames_.pop_back();
      ++at_;
    } else if (c == ',') {
      frames_.back().key = Item::kNone;
      ++at_;
    } else if (c == '"' || (c == '\'' && is_yaml_)) {
      quoted(c);
    } else if (is_comment()) {
      comment();
    } else if (is_space(c) || c == ':') {
      ++at_;
    } else {
      plain();
    }
  }

  std::uint32_t parent() const {
    const Frame& frame = frames_.back();
    return frame.key != Item::kNone ? frame.key : frame.owner;
  }

  bool is_comment() const {
    if (is_yaml_) return text_[at_] == '#' && (at_ == 0 || is_space(text_[at_ - 1]));
    return text_[at_] == '/' && at_ + 1 < end_ && (text_[at_ + 1] == '/' || text_[at_ + 1] == '*');
  }

  void comment() {
    const std::size_t begin = at_;
    const bool is_block = !is_yaml_ && text_[at_ + 1] == '*';
    const auto close = text_.find(is_block ? "*/" : "\n", at_ + 1);
    at_ = close == std::string_view::npos || close >= end_ ? end_ : close + (is_block ? 2 : 0);
    sink_.out.comments.push_back(byte_range(begin, at_));
  }

  void quoted(char quote) {
    const std::size_t begin = at_++;
    bool is_plain = true;
    while (at_ < end_ && text_[at_] != quote) {
      if (text_[at_] == '\\' && quote == '"') {
        is_plain = false;
        ++at_;
      } else if (text_[at_] == '\n' || text_.substr(at_).starts_with("{{")) {
        is_plain = false;
      }
      ++at_;
    }
    if (at_ >= end_) return;
    ++at_;
    if (quote == '\'' && at_ < end_ && text_[at_] == quote) is_plain = false;
    add({.is_plain = is_plain,
         .quote = quote,
         .range = byte_range(begin, at_),
         .content = byte_range(begin + 1, at_ - 1)});
  }

  void plain() {
    const std::size_t begin = at_;
    bool is_plain = true;
    while (at_ < end_) {
      const char c = text_[at_];
      if (text_.substr(at_).starts_with("{{")) {
        const std::size_t after = template_end(text_, at_, end_);
        if (after == std::string_view::npos) break;
        at_ = after;
        is_plain = false;
        continue;
      }
      if (c == ',' || c == '{' || c == '}' || c == '[' || c == ']' || c == '\n') break;
      if (!is_yaml_ && (is_space(c) || c == ':' || c == '"')) break;
      if (c == ':' && (at_ + 1 >= end_ || is_space(text_[at_ + 1]))) break;
      if (c == '#' && is_space(text_[at_ - 1])) break;
      ++at_;
    }
    std::size_t last = at_;
    while (last > begin && is_space(text_[last - 1])) --last;
    if (at_ == begin) ++at_;
    if (last == begin) return;
    if (is_yaml_ && text_[begin] == '*') return sink_.add_alias(byte_range(begin, last), parent());
    add({.is_plain = is_plain,
         .range = byte_range(begin, last),
         .content = byte_range(begin, last)});
  }

  void add(Item item) {
    Frame& frame = frames_.back();
    std::size_t next = at_;
    while (next < end_ && is_space(text_[next])) ++next;
    item.group = frame.group;
    if (frame.bracket == '{' && frame.key == Item::kNone && next < end_ && text_[next] == ':') {
      item.role = Item::Role::key;
      item.parent = frame.owner;
      frame.key = sink_.add(item);
    } else {
      item.parent = parent();
      sink_.add(item);
    }
  }

  ItemSink& sink_;
  std::string_view text_;
  std::size_t at_;
  std::size_t end_;
  bool is_yaml_;
  std::vector<Frame> frames_;
};

}  // namespace

void scan_json(ItemSink& sink, ByteRange range, std::uint32_t parent) {
  FlowScanner(sink, range, parent, false).run();
}

std::uint32_t scan_flow(ItemSink& sink, ByteRange range, std::uint32_t parent) {
  const std::size_t items = sink.out.items.size();
  const std::size_t comments = sink.out.comments.size();
  const std::size_t end = FlowScanner(sink, range, parent, true).run();
  if (end != std::string_view::npos) return static_cast<std::uint32_t>(end);
  sink.out.items.resize(items);
  sink.out.comments.resize(comments);
  return range.begin;
}

}  // namespace dagfix

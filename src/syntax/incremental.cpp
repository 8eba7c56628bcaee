#include "syntax/incremental.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "syntax/builder.hpp"
#include "syntax/tree_builder.hpp"

namespace dagfix {

namespace {

/// Row and column, in bytes, of an offset.
TSPoint point_at(std::string_view text, std::size_t offset) {
  TSPoint point{0, 0};
  std::size_t line = 0;
  for (std::size_t at = text.find('\n'); at < offset; at = text.find('\n', at + 1)) {
    ++point.row;
    line = at + 1;
  }
  point.column = static_cast<std::uint32_t>(offset - line);
  return point;
}

TextDifference difference_of(std::string_view before, std::string_view after) {
  const auto prefix =
      static_cast<std::size_t>(std::ranges::mismatch(before, after).in1 - before.begin());
  const std::size_t most = std::min(before.size(), after.size()) - prefix;
  std::size_t suffix = 0;
  while (suffix < most && before[before.size() - suffix - 1] == after[after.size() - suffix - 1]) {
    ++suffix;
  }
  return {static_cast<std::uint32_t>(prefix), static_cast<std::uint32_t>(before.size() - suffix),
          static_cast<std::uint32_t>(after.size() - suffix)};
}

TSInputEdit as_input_edit(std::string_view before, std::string_view after,
                          TextDifference difference) {
  TSInputEdit edit{};
  edit.start_byte = difference.begin;
  edit.old_end_byte = difference.old_end;
  edit.new_end_byte = difference.new_end;
  edit.start_point = point_at(before, difference.begin);
  edit.old_end_point = point_at(before, difference.old_end);
  edit.new_end_point = point_at(after, difference.new_end);
  return edit;
}

/// Time that this thread has used, whatever else the machine does.
std::chrono::nanoseconds used_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

bool is_over(TSParseState* state) {
  return used_time() > *static_cast<const std::chrono::nanoseconds*>(state->payload);
}

const char* read_text(void* payload, std::uint32_t offset, TSPoint, std::uint32_t* size) {
  const auto& text = *static_cast<const std::string*>(payload);
  *size = offset < text.size() ? static_cast<std::uint32_t>(text.size()) - offset : 0;
  return *size == 0 ? "" : text.data() + offset;
}

}  // namespace

struct IncrementalParser::State {
  ParserPtr parser = make_parser();
  TreePtr tree;        // of `parsed`, or of an older text and told what changed since
  std::string parsed;  // a lone CR is an LF here
  TextDifference difference;
};

IncrementalParser::IncrementalParser() : state_(std::make_unique<State>()) {}
IncrementalParser::~IncrementalParser() = default;
IncrementalParser::IncrementalParser(IncrementalParser&& other) noexcept = default;
IncrementalParser& IncrementalParser::operator=(IncrementalParser&& other) noexcept = default;

SyntaxTree IncrementalParser::parse(std::string_view text) {
  constexpr std::chrono::hours kNoBound{24};
  return *parse_within(text, kNoBound);
}

std::optional<SyntaxTree> IncrementalParser::parse_within(std::string_view text,
                                                          std::chrono::microseconds most) {
  std::string parsed = with_lone_cr_as_lf(text);
  if (parsed.empty()) parsed = text;
  if (auto tree = refused(text, parsed)) {
    reset();
    return tree;
  }
  State& state = *state_;
  state.difference = difference_of(state.parsed, parsed);
  if (state.tree && parsed != state.parsed) {
    const TSInputEdit edit = as_input_edit(state.parsed, parsed, state.difference);
    ts_tree_edit(state.tree.get(), &edit);
  }
  state.parsed = std::move(parsed);
  std::chrono::nanoseconds end = used_time() + most;
  const TSInput input{&state.parsed, read_text, TSInputEncodingUTF8, nullptr};
  TreePtr made(
      ts_parser_parse_with_options(state.parser.get(), state.tree.get(), input, {&end, is_over}));
  if (!made) {
    ts_parser_reset(state.parser.get());
    return std::nullopt;
  }
  state.tree = std::move(made);
  return TreeBuilder::copy(text, state.tree.get());
}

TextDifference IncrementalParser::difference() const { return state_->difference; }

bool IncrementalParser::has_text() const { return state_->tree != nullptr; }

void IncrementalParser::reset() {
  state_->tree.reset();
  state_->parsed.clear();
}

}  // namespace dagfix

#include "syntax/lean_versions.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace dagfix {

namespace {

/// tree-sitter drops some of more versions than this during a step; here that ends the attempt.
constexpr std::size_t kMostAtOnce = 10;
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

bool are_same(const TSLexerMode& left, const TSLexerMode& right) {
  return left.lex_state == right.lex_state && left.external_lex_state == right.external_lex_state &&
         left.reserved_word_set_id == right.reserved_word_set_id;
}

}  // namespace

LeanVersions::Scanner LeanVersions::number_of(const ScannerState& state) {
  const auto found = std::ranges::find(scanners_, state);
  const auto index = static_cast<Scanner>(found - scanners_.begin());
  if (found == scanners_.end()) scanners_.push_back(state);
  return index + 1;
}

void LeanVersions::begin(const LeanToken& token) {
  graph_.reset();
  versions_.clear();
  scanners_.clear();
  cache_.token = token;
  cache_.position = position_;
  cache_.before = number_of(token.external ? lexer_.state_before() : lexer_.state());
  cache_.after = number_of(lexer_.state());
  versions_.push_back({.top = graph_.base_top(), .scanner = cache_.before});
  last_ = position_;
}

LeanEnd LeanVersions::run(const LeanToken& token) {
  begin(token);
  const LeanToken* given = &token;
  do {
    for (std::size_t i = 0; i < versions_.size(); ++i) {
      if (!go_on(i, std::exchange(given, nullptr))) return end_;
    }
    condense();
    if (end_ != LeanEnd::accepted) return end_;
  } while (!is_finished());
  return end_;
}

/// Lets a version go on until it is past where the others are.
bool LeanVersions::go_on(std::size_t index, const LeanToken* token) {
  while (is_active(index)) {
    LeanToken next;
    if (token != nullptr) {
      next = *std::exchange(token, nullptr);
    } else if (!look_ahead(versions_[index], next)) {
      fail(LeanEnd::no_token);
      return false;
    }
    if (!advance(index, next)) return false;
    const std::uint32_t now = graph_.position(versions_[index].top);
    if (now > last_ || (index > 0 && now == last_)) {
      last_ = now;
      return true;
    }
  }
  return true;
}

bool LeanVersions::is_finished() {
  const bool is_over = versions_.empty() || !is_active(0);
  if (is_over && end_of_text_) return graph_.flatten(accepted_, stack_);
  if (is_over) fail(LeanEnd::no_action);
  if (is_over) return true;
  if (versions_.size() > 1 || end_of_text_) return false;
  const Version& version = versions_.front();
  const std::uint32_t now = graph_.position(version.top);
  if (!graph_.flatten(version.top, stack_)) return false;
  position_ = now;
  lexer_.set_state(scanners_[version.scanner - 1]);
  return true;
}

/// Whether tree-sitter takes the token that it read last for this version, too.
bool LeanVersions::can_reuse(const Version& version) const {
  if (cache_.position != graph_.position(version.top) || cache_.before != version.scanner) {
    return false;
  }
  const TSLanguage& language = tables_.language();
  const LeanToken& token = cache_.token;
  const TSStateId state = graph_.state(version.top);
  return tables_.at(state, token.symbol) != 0 &&
         are_same(language.lex_modes[state], language.lex_modes[token.state]) &&
         (token.symbol != language.keyword_capture_token ||
          (!token.keyword && token.state == state));
}

bool LeanVersions::look_ahead(const Version& version, LeanToken& token) {
  if (!can_reuse(version)) {
    lexer_.set_state(scanners_[version.scanner - 1]);
    cache_.position = graph_.position(version.top);
    if (!lexer_.read(cache_.position, graph_.state(version.top), cache_.token)) return false;
    cache_.before = version.scanner;
    cache_.after = number_of(lexer_.state());
  }
  token = cache_.token;
  return true;
}

bool LeanVersions::advance(std::size_t index, LeanToken token) {
  while (true) {
    const TSStateId state = state_of(index);
    switch (take(index, token, tables_.actions(state, token.symbol))) {
      case Step::shifted:
        return true;
      case Step::reduced:
        continue;
      case Step::halted:
        versions_[index].status = Status::halted;
        return true;
      case Step::failed:
        return false;
      case Step::none:
        break;
    }
    if (!lexer_.is_word_in(state, token)) {
      versions_[index].status = Status::paused;
      return true;
    }
    token.symbol = tables_.language().keyword_capture_token;
  }
}

LeanVersions::Step LeanVersions::take(std::size_t index, const LeanToken& token,
                                      const TSParseActionEntry* entry) {
  bool has_reduced = false;
  std::size_t made = kNone;
  for (unsigned i = 1; i <= entry->entry.count; ++i) {
    const TSParseAction& action = entry[i].action;
    if (action.type == TSParseActionTypeShift) {
      if (action.shift.repetition) continue;
      shift(versions_[index], token, action);
      return Step::shifted;
    }
    if (action.type == TSParseActionTypeAccept) return accept(versions_[index], token);
    if (action.type != TSParseActionTypeReduce) return fail(LeanEnd::unusual_action);
    const std::size_t version = reduce(index, action.reduce);
    if (end_ != LeanEnd::accepted) return Step::failed;
    has_reduced = true;
    if (version != kNone) made = version;
  }
  if (!has_reduced) return Step::none;
  if (made == kNone) return Step::halted;
  // Of the versions that reductions made, one takes the place of this one.
  versions_[index] = versions_[made];
  erase(made);
  return Step::reduced;
}

/// Keeps the reading of the whole text that tree-sitter prefers.
LeanVersions::Step LeanVersions::accept(Version& version, const LeanToken& token) {
  const auto precedence = graph_.precedence_of_way(version.top);
  if (!precedence || std::abs(*precedence) >= kHighPrecedence) return fail(LeanEnd::ambiguous);
  const int best = end_of_text_ ? *graph_.precedence_of_way(accepted_) : *precedence - 1;
  if (best == *precedence) return fail(LeanEnd::ambiguous);
  if (best < *precedence) accepted_ = version.top;
  end_of_text_ = token;
  last_ = std::max(last_, token.end);
  return Step::halted;
}

void LeanVersions::shift(Version& version, const LeanToken& token, const TSParseAction& action) {
  const bool extra = action.shift.extra;
  const TSStateId state = extra ? graph_.state(version.top) : action.shift.state;
  if (token.external) version.scanner = cache_.after;
  version.top = graph_.push({.below = version.top,
                             .scanner = token.external ? cache_.after : 0,
                             .node = as_node(tables_, token, extra)},
                            state);
}

/// Makes a version for each state that the reduction leads back to, behind the present ones, and
/// returns the first of them that could not be merged.
std::size_t LeanVersions::reduce(std::size_t index, const LeanReduction& reduction) {
  const std::size_t count = versions_.size();
  const Version version = versions_[index];
  const std::uint32_t position = graph_.position(version.top);
  if (graph_.pop_only(version.top, reduction.child_count, only_slice_)) {
    return push_slice(version, index, only_slice_, reduction, position) ? count : kNone;
  }
  std::vector<LeanGraph::Slice> slices = graph_.pop(version.top, reduction.child_count);
  if (slices.empty()) fail(LeanEnd::many_versions);
  for (const LeanGraph::Slice& slice : slices) {
    push_slice(version, index, slice, reduction, position);
    if (end_ != LeanEnd::accepted) return kNone;
  }
  graph_.recycle(std::move(slices));
  return versions_.size() > count ? count : kNone;
}

/// Makes a version of what a reduction takes. False: it became part of another one.
bool LeanVersions::push_slice(const Version& version, std::size_t index,
                              const LeanGraph::Slice& slice, const LeanReduction& reduction,
                              std::uint32_t position) {
  if (versions_.size() > kMostAtOnce) fail(LeanEnd::many_versions);
  const std::size_t made = versions_.size();
  versions_.push_back(version);
  push_parent(versions_.back(), slice, reduction, position);
  for (std::size_t other = 0; other < made; ++other) {
    if (other != index && merge(other, made)) return false;
  }
  return true;
}

}  // namespace dagfix

#include "syntax/lean_parser.hpp"

#include <utility>

#include "syntax/lean_copy.hpp"
#include "syntax/lean_versions.hpp"

namespace dagfix {

namespace {

constexpr TSStateId kFirstState = 1;

/// The action of an entry if there is one only. A repetition is none: it says how a state came to
/// be.
const TSParseAction* only_action(const TSParseActionEntry* entry) {
  const auto is_repetition = [](const TSParseAction& action) {
    return action.type == TSParseActionTypeShift && action.shift.repetition;
  };
  const unsigned count = entry->entry.count;
  if (count == 1 || (count == 2 && is_repetition(entry[2].action))) {
    return is_repetition(entry[1].action) ? nullptr : &entry[1].action;
  }
  return nullptr;
}

/// What a thread keeps from one text to the next, because it would grow to the same size again.
struct LeanBuffers {
  LeanArena arena;
  LeanStack stack;

  void reset() {
    constexpr std::size_t kMostKept = 1u << 17;
    if (arena.capacity() > kMostKept) arena = {};
    arena.clear();
    stack.nodes.clear();
    stack.states.clear();
  }
};

class LeanParser {
 public:
  LeanParser(std::string_view text, LeanBuffers& buffers)
      : tables_(LeanTables::python()),
        lexer_(tables_, text),
        arena_(buffers.arena),
        stack_(buffers.stack),
        versions_(tables_, lexer_, arena_, stack_, position_) {
    stack_.states.push_back(kFirstState);
  }

  LeanEnd run(TreeBuilder& builder) {
    LeanToken token;
    while (!is_accepted_) {
      if (!lexer_.read(position_, stack_.state(), token)) return LeanEnd::no_token;
      const LeanEnd end = take(token);
      if (end != LeanEnd::accepted) return end;
    }
    const LeanNode module = root(token);
    builder.expect(arena_.size() + 1);
    copy_lean(tables_, arena_, module, builder);
    return LeanEnd::accepted;
  }

 private:
  /// Goes on until the token is shifted.
  LeanEnd take(LeanToken& token) {
    while (true) {
      const TSStateId state = stack_.state();
      const TSParseActionEntry* const entry = tables_.actions(state, token.symbol);
      const TSParseAction* const action = only_action(entry);
      if (action == nullptr) {
        if (entry->entry.count > 0) {
          return take_all(token);
        }
        if (!lexer_.is_word_in(state, token)) return LeanEnd::no_action;
        token.symbol = tables_.language().keyword_capture_token;
        continue;
      }
      switch (action->type) {
        case TSParseActionTypeShift:
          stack_.push(as_node(tables_, token, action->shift.extra),
                      action->shift.extra ? state : action->shift.state);
          position_ = token.end;
          return LeanEnd::accepted;
        case TSParseActionTypeReduce:
          reduce(tables_, arena_, stack_, action->reduce, position_);
          break;
        case TSParseActionTypeAccept:
          is_accepted_ = true;
          return LeanEnd::accepted;
        default:
          return LeanEnd::unusual_action;
      }
    }
  }

  /// Goes on with all readings until one is left.
  LeanEnd take_all(LeanToken& token) {
    const LeanEnd end = versions_.run(token);
    is_accepted_ = versions_.end_of_text().has_value();
    if (is_accepted_) token = *versions_.end_of_text();
    return end;
  }

  /// The module with the comments around it, up to the end of the text.
  LeanNode root(const LeanToken& end) {
    LeanNode root{};
    for (const LeanNode& node : stack_.nodes) {
      if (!node.extra) root = node;
    }
    const LeanNode& front = stack_.nodes.front();
    root.begin = front.extra || front.children > 0 ? front.begin : end.begin;
    root.end = end.end;
    root.first = arena_.size();
    for (LeanNode node : stack_.nodes) {
      if (!node.extra) node.visible = false;
      if (!node.kept()) continue;
      *arena_.room(1) = node;
      arena_.keep(1);
    }
    root.count = arena_.size() - root.first;
    return root;
  }

  const LeanTables& tables_;
  LeanLexer lexer_;
  LeanArena& arena_;
  LeanStack& stack_;
  std::uint32_t position_ = 0;
  LeanVersions versions_;
  bool is_accepted_ = false;
};

}  // namespace

void prepare_lean() { LeanTables::python(); }

LeanEnd parse_lean(std::string_view text, TreeBuilder& builder) {
  static thread_local LeanBuffers buffers;
  buffers.reset();
  return LeanParser(text, buffers).run(builder);
}

}  // namespace dagfix

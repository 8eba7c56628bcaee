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

class LeanParser {
 public:
  explicit LeanParser(std::string_view text)
      : tables_(LeanTables::python()), lexer_(tables_, text) {
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
    LeanVersions versions(tables_, lexer_, arena_, stack_, position_);
    const LeanEnd end = versions.run(token);
    is_accepted_ = versions.end_of_text().has_value();
    if (is_accepted_) token = *versions.end_of_text();
    return end;
  }

  /// The module with the comments around it, up to the end of the text.
  LeanNode root(const LeanToken& end) {
    LeanNode root;
    for (const LeanNode& node : stack_.nodes) {
      if (!node.extra) root = node;
    }
    const LeanNode& front = stack_.nodes.front();
    root.begin = front.extra || front.children > 0 ? front.begin : end.begin;
    root.end = end.end;
    root.first = static_cast<std::uint32_t>(arena_.size());
    for (LeanNode node : stack_.nodes) {
      if (!node.extra) node.visible = false;
      if (node.kept()) arena_.push_back(node);
    }
    root.count = static_cast<std::uint32_t>(arena_.size()) - root.first;
    return root;
  }

  const LeanTables& tables_;
  LeanLexer lexer_;
  LeanArena arena_;
  LeanStack stack_;
  std::uint32_t position_ = 0;
  bool is_accepted_ = false;
};

}  // namespace

LeanEnd parse_lean(std::string_view text, TreeBuilder& builder) {
  return LeanParser(text).run(builder);
}

}  // namespace dagfix

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "syntax/lean_graph.hpp"
#include "syntax/lean_parser.hpp"

namespace dagfix {

/// Several readings of a text, where the grammar allows them, until one is left: tree-sitter's
/// versions in its order, forked, merged and dropped by its rules.
class LeanVersions {
 public:
  /// To go on from a stack at a place in the text.
  LeanVersions(const LeanTables& tables, LeanLexer& lexer, LeanArena& arena, LeanStack& stack,
               std::uint32_t& position)
      : tables_(tables),
        lexer_(lexer),
        arena_(arena),
        stack_(stack),
        position_(position),
        graph_(stack) {}

  /// Begins with a token with several actions that was just read. LeanEnd::accepted: one version is
  /// left, and stack, position and lexer are as it has them.
  LeanEnd run(const LeanToken& token);
  /// The end of the text, if it was reached and accepted.
  const std::optional<LeanToken>& end_of_text() const { return end_of_text_; }

 private:
  enum class Status : std::uint8_t { active, paused, halted };
  enum class Step : std::uint8_t { shifted, reduced, halted, none, failed };
  using Scanner = std::uint32_t;  // number of a state of the scanner, from 1

  struct Version {
    LeanGraph::Id top = 0;
    Scanner scanner = 0;
    Status status = Status::active;
  };

  /// The token that was read last, and the scanner's state before and after it.
  struct Cache {
    LeanToken token;
    std::uint32_t position = 0;
    Scanner before = 0;
    Scanner after = 0;
  };

  bool is_active(std::size_t index) const { return versions_[index].status == Status::active; }
  TSStateId state_of(std::size_t index) const { return graph_.state(versions_[index].top); }
  void begin(const LeanToken& token);
  bool go_on(std::size_t index, const LeanToken* token);
  bool is_finished();
  Step accept(Version& version, const LeanToken& token);
  Scanner number_of(const ScannerState& state);

  bool look_ahead(const Version& version, LeanToken& token);
  bool can_reuse(const Version& version) const;
  bool advance(std::size_t index, LeanToken token);
  Step take(std::size_t index, const LeanToken& token, const TSParseActionEntry* entry);
  void shift(Version& version, const LeanToken& token, const TSParseAction& action);
  std::size_t reduce(std::size_t index, const LeanReduction& reduction);
  bool push_slice(const Version& version, std::size_t index, const LeanGraph::Slice& slice,
                  const LeanReduction& reduction, std::uint32_t position);
  void push_parent(Version& version, const LeanGraph::Slice& slice, const LeanReduction& reduction,
                   std::uint32_t position);
  const std::vector<LeanNode>* choose(const LeanGraph::Slice& slice);

  bool can_merge(std::size_t left, std::size_t right) const;
  bool merge(std::size_t left, std::size_t right);
  void condense();
  void erase(std::size_t index);
  Step fail(LeanEnd end) {
    end_ = end;
    return Step::failed;
  }

  const LeanTables& tables_;
  LeanLexer& lexer_;
  LeanArena& arena_;
  LeanStack& stack_;
  std::uint32_t& position_;
  LeanGraph graph_;
  std::vector<Version> versions_;
  std::vector<ScannerState> scanners_;
  LeanGraph::Slice only_slice_{.below = 0, .ways = {{}}};
  Cache cache_;
  std::optional<LeanToken> end_of_text_;
  LeanGraph::Id accepted_ = 0;  // the best reading up to there
  std::uint32_t last_ = 0;      // the furthest place of a version
  LeanEnd end_ = LeanEnd::accepted;
};

}  // namespace dagfix

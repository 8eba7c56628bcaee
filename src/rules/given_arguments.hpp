#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/context.hpp"

namespace dagfix {

/// One argument of a call, however it is given.
struct GivenArgument {
  std::string name;  ///< The parameter.
  Node item;         ///< The argument, or the pair or keyword of an unpacked dictionary.
  Node value;
  Node splat;           ///< `**x`, if it comes through one.
  bool is_free = true;  ///< False: the dictionary is unpacked into other calls, too.
  bool positional = false;
};

/// The arguments of one call by parameter, and the edits that change them.
class GivenArguments {
 public:
  /// `leading`: that many arguments at the front are left alone (the class in partial(X, ...)).
  /// `partial`: the call of functools.partial whose result is called; its arguments come first, and
  /// new ones are appended to the call.
  GivenArguments(const RuleContext& context, Node call, std::span<const std::string> positional,
                 std::size_t leading = 0, Node partial = {});

  /// Why some arguments cannot be known; then the others are not to be changed, either.
  const std::vector<std::string>& problems() const { return problems_; }
  std::span<const GivenArgument> given() const { return given_; }
  /// The argument for a parameter; null if it is not given.
  const GivenArgument* find(std::string_view name) const;
  /// Its value; null if it is not given or is None.
  Node value(std::string_view name) const;

  /// Forgets all changes.
  void reset();
  /// Why this argument cannot be changed; empty if it can.
  std::string fixed_reason(const GivenArgument& argument) const;
  void drop(const GivenArgument& argument);
  /// Parameter and value (source text) that take the place of an argument; may be several.
  using Replacement = std::vector<std::pair<std::string, std::string>>;
  void replace(const GivenArgument& argument, Replacement replacement);
  /// Another name for the same value.
  void rename(const GivenArgument& argument, std::string_view name);
  void append(std::string_view name, std::string_view value);
  bool is_dropped(const GivenArgument& argument) const;
  bool is_changed(const GivenArgument& argument) const;

  /// Positional arguments behind the first `staying` ones get their names.
  std::vector<Edit> edits(std::size_t staying) const;
  static constexpr std::size_t kAllStay = static_cast<std::size_t>(-1);

 private:
  void read(std::size_t index, Node item, std::span<const std::string> positional);
  void read_unpacked(Node splat);
  void add(GivenArgument argument);
  std::size_t index_of(const GivenArgument& argument) const {
    return static_cast<std::size_t>(&argument - given_.data());
  }
  /// One list of items, of which some go: the arguments themselves or a dictionary.
  struct Items {
    std::vector<Node> nodes;
    std::vector<bool> drop;
  };
  void add_replacement(const GivenArgument& argument, const Replacement& replacement,
                       std::vector<Edit>& edits) const;

  const RuleContext& context_;
  Node call_;
  std::vector<Node> items_;  // all arguments, the leading ones included
  std::vector<Node> partial_items_;
  std::vector<Node> dictionaries_;  // unpacked ones that may change
  std::vector<GivenArgument> given_;
  std::vector<bool> drop_;
  std::vector<Replacement> replaced_;
  std::vector<std::string> append_;
  std::vector<std::string> problems_;
};

/// Whether a comment stands inside of a node.
bool has_comment(const SyntaxTree& tree, Node node);

/// The beginning of an expression, for a message of one line.
std::string_view first_line(Node node);

}  // namespace dagfix

#pragma once

#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/rule.hpp"
#include "rules/prefilter.hpp"
#include "semantic/model.hpp"

namespace dagfix {

/// What happens to one keyword argument when a class is replaced or changes its signature.
struct ArgumentChange {
  enum class Action : std::uint8_t { keep, rename, drop, report };
  std::string name;
  Action action = Action::keep;
  std::string to;  ///< New name, for rename.
  std::vector<std::string>
      when;                     ///< Values (source text) for which the action is right; empty: all.
  std::string form_property;    ///< The action is right for any value when ui_forms has this one.
  std::optional<Version> lost;  ///< From here on the old class does not take it, either.
  std::string reason;           ///< Why; one line, shown to the user.
  std::string otherwise;        ///< What a person has to do if `when` does not hold.
};

/// An argument that has to be written out since its default changed.
struct WrittenOut {
  std::string name;
  std::string value;                ///< Source text.
  std::vector<std::string> unless;  ///< Arguments that make it unnecessary.
};

/// Arguments of which a call must give at least one.
struct RequiredArgument {
  std::vector<std::string> any;
  std::string otherwise;  ///< What a person has to do if none is given.
};

/// Data of kind "operator": one class takes the place of another.
struct OperatorReplacement {
  std::string old_class;  ///< Full path.
  std::string new_class;
  std::optional<Version> removed;       ///< The old class is gone from here on.
  std::optional<Version> works;         ///< The new class exists before, but works from here on.
  std::vector<std::string> positional;  ///< Parameters of the old constructor, in order.
  std::vector<ArgumentChange> arguments;
  std::vector<RequiredArgument> required;
  std::vector<WrittenOut> write_out;
  /// "minio": the arguments depend on each other, see rules/minio.hpp; empty: one by one.
  std::string planner;
};

/// Data of kind "argument": a keyword of a class that changed.
struct ArgumentEntry {
  std::vector<std::string> classes;  ///< Full paths; a prefix that ends with '.' means all below.
  std::optional<Version> since;
  ArgumentChange change;
};

/// Data of kind "value": a string that names something which was renamed or removed.
struct ValueEntry {
  std::string old_value;
  std::string new_value;  ///< Empty: gone.
  std::optional<Version> since;
  std::string note;  ///< What took its place; may be empty.
};

/// Data of kind "name": a name that Kaapana begins to use.
struct NameEntry {
  std::string name;
  std::optional<Version> since;
  std::optional<Version> until;  ///< First version that does not have it any more.
};

/// What becomes of one method of a client class.
struct MethodChange {
  enum class Action : std::uint8_t {
    rename,    ///< x.old(...) -> x.new(...)
    function,  ///< x.old(...) -> new(x, ...)
    report,
  };
  std::string name;
  Action action = Action::rename;
  std::string to;
  std::string module;                 ///< Where the function is imported from.
  std::vector<std::string> needs;     ///< Keywords without which a person has to look.
  std::vector<std::string> not_with;  ///< Constant actions that a person has to look at.
  std::string reason;                 ///< Why a person has to look; one line, shown to the user.
  std::string note;                   ///< What else changes, so that the fix is not safe.
};

/// Data of kind "client": a class whose objects come from a function now.
struct ClientReplacement {
  std::string old_class;
  std::string module;  ///< Where the function is imported from.
  std::string function;
  std::string type;                 ///< Full path of what the function returns, for annotations.
  OperatorReplacement constructor;  ///< `positional` and `arguments` only.
  std::vector<MethodChange> methods;
  std::vector<MethodChange> members;  ///< Of the class itself: Old.member.
};

/// One rule: its description and its data. Rules of kind "code" have no data.
struct Rule {
  RuleInfo info;
  std::string kind;
  std::vector<std::string> triggers;  ///< A file without any of these words is not concerned.
  OperatorReplacement replacement;
  std::vector<ArgumentEntry> arguments;
  std::vector<ValueEntry> values;
  std::vector<NameEntry> names;
  ClientReplacement client;

  /// Whether an entry (or the rule) concerns a migration.
  bool concerns(Version from, Version to) const;
  /// The words without which a file is not concerned by a migration: the triggers, or what the
  /// entries between the two versions look for.
  std::vector<std::string> words(Version from, Version to) const;
};

/// Where an operator of Kaapana writes its output.
struct OperatorLevel {
  std::string class_path;
  std::string level;  ///< "batch": below each batch element; "run": in the run directory.
};

/// All rules, as they are in the rule files. Immutable.
class RuleBook {
 public:
  /// Reads the embedded rule files and then those of `extra` (path, text). The error names file
  /// and place.
  static std::expected<RuleBook, std::string> load(
      std::span<const std::pair<std::string, std::string>> extra = {});

  std::span<const Rule> rules() const { return rules_; }
  /// By code or by name; null if there is none.
  const Rule* find(std::string_view code_or_name) const;
  /// All released versions, oldest first.
  std::span<const Version> versions() const { return versions_; }
  /// Keywords that both base classes of Kaapana's operators take.
  std::span<const std::string> common_arguments() const { return common_arguments_; }
  /// Where a kaapana module existed: first and last version.
  struct ModuleSpan {
    std::string module;
    Version first;
    Version last;
  };
  std::span<const ModuleSpan> modules() const { return modules_; }
  /// Operators whose level is certain.
  std::span<const OperatorLevel> levels() const { return levels_; }

  /// "0.4" (oldest or newest release of the series) or "0.4.1". The error lists what is known.
  enum class Series : std::uint8_t { oldest, newest };
  std::expected<Version, std::string> version(std::string_view text, Series series) const;

 private:
  std::vector<Rule> rules_;
  std::vector<Version> versions_;
  std::vector<std::string> common_arguments_;
  std::vector<ModuleSpan> modules_;
  std::vector<OperatorLevel> levels_;
};

/// Which rules a run has.
struct Selection {
  std::vector<std::string> select;  ///< Codes, names or code prefixes; empty: all.
  std::vector<std::string> ignore;
};

/// The rules of one run: those that lie between two versions and are selected. Immutable;
/// keeps a pointer to the book.
class RuleSet {
 public:
  /// Error: an unknown rule in the selection.
  static std::expected<RuleSet, std::string> select(const RuleBook& book, Version from, Version to,
                                                    const Selection& selection);

  const RuleBook& book() const { return *book_; }
  Version from() const { return from_; }
  Version to() const { return to_; }
  std::span<const Rule* const> rules() const { return rules_; }
  const Prefilter& prefilter() const { return prefilter_; }
  /// Whether a file can have findings at all. Lexical: true too often, but never false where
  /// analyze() would report something, except for names that the project's own files pass on.
  bool concerns(std::string_view text, const ModuleResolver& resolver) const;
  /// The rules of this set that can have findings in a file, in the same sense and in their order.
  std::vector<const Rule*> rules_for(std::string_view text, const ModuleResolver& resolver) const;
  /// Whether a change that came with `since` lies in (from, to].
  bool in_range(std::optional<Version> since) const {
    return !since || (from_ < *since && *since <= to_);
  }
  bool runs(std::string_view code) const;

 private:
  const RuleBook* book_ = nullptr;
  Version from_;
  Version to_;
  std::vector<const Rule*> rules_;
  std::vector<std::string> words_;      // the marker, then those of each rule
  std::vector<std::size_t> words_end_;  // by rule: one past the last of its words
  Prefilter prefilter_;
};

}  // namespace dagfix

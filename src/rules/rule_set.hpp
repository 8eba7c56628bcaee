#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dag/graph_changes.hpp"
#include "dag/task_names.hpp"
#include "dagfix/rule.hpp"
#include "files/kind.hpp"
#include "semantic/model.hpp"
#include "text/prefilter.hpp"

namespace dagfix {

class ApiChanges;

/// From which version to which code goes.
struct Migration {
  Version from;
  Version to;
  /// With the outlook: changes that came after this version, the newest one, are announced ones and
  /// count, too.
  std::optional<Version> outlook = std::nullopt;

  /// Whether a change that came with `since` lies between the versions, or is announced.
  bool has(std::optional<Version> since) const {
    if (!since) return true;
    return from < *since && (*since <= to || (outlook && *outlook < *since));
  }
  /// The same for a change that another one overtook at `until`.
  bool has(std::optional<Version> since, std::optional<Version> until) const {
    return has(since) && !(until && *until <= to);
  }
};

/// What happens to one keyword argument when a class is replaced or changes its signature.
struct ArgumentChange {
  enum class Action : std::uint8_t { keep, rename, drop, set, report };
  std::string name;
  Action action = Action::keep;
  std::string to;  ///< New name, for rename; new value (source text), for set.
  std::vector<std::string>
      when;                   ///< Values (source text) for which the action is right; empty: all.
  std::string form_property;  ///< The action is right for any value when ui_forms has this one.
  std::optional<std::size_t> minutes;  ///< For drop: what the new class gives instead of a time.
  std::optional<Version> lost;         ///< From here on the old class does not take it, either.
  std::string lost_to;                 ///< What the old class calls it since then; empty: nothing.
  std::optional<Version>
      refused;            ///< From here on the old class refuses values that are not right.
  std::string reason;     ///< Why; one line, shown to the user.
  std::string otherwise;  ///< What a person has to do if `when` does not hold.
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
  std::optional<Version> removed;  ///< The old class is gone from here on.
  std::optional<Version> works;    ///< The new class exists before, but works from here on.
  std::optional<Version> fails;    ///< Some calls of the old class fail from here on.
  /// Parameters of the old constructor, in order, where the history of Kaapana does not know it.
  std::vector<std::string> positional;
  std::vector<ArgumentChange> arguments;
  std::vector<RequiredArgument> required;
  std::vector<WrittenOut> write_out;
  std::string note;  ///< What else changes, so that no fix is safe; may be empty.
  /// Whether the new class needs a run that was started with the form of a project.
  bool needs_form = true;
  /// Whether the first positional argument is the first one of the new class, too.
  bool first_stays = true;
  std::string out_dir;  ///< Default output directory of the old class, which the new one is given.
  /// Properties of a form that the container reads instead of its arguments.
  std::vector<std::string> environment;
  /// "minio": the arguments depend on each other, see rules/minio.hpp; empty: one by one.
  std::string planner;
};

/// Data of kind "argument": a keyword of a class that changed.
struct ArgumentEntry {
  std::vector<std::string> classes;  ///< Full paths; a prefix that ends with '.' means all below.
  std::optional<Version> since;
  std::optional<Version> until;  ///< First version for which something else holds.
  /// `when`: the values for which the entry says something; empty: any.
  ArgumentChange change;
  std::vector<std::string> unless;      ///< The values for which it says nothing.
  std::optional<std::size_t> position;  ///< Index among the positional arguments, if it has one.
  bool by_default = false;              ///< It says the same of calls without the argument.
  std::optional<Severity> severity;     ///< Unless that of the rule.

  /// Whether a class is one of `classes`.
  bool concerns(std::string_view path) const;
};

/// Data of kinds "value" and "reference": a string that names something which was renamed or
/// removed.
struct ValueEntry {
  std::string old_value;
  std::string new_value;  ///< Empty: gone.
  std::optional<Version> since;
  /// What took its place, or may be empty; of a reference what is wrong with it.
  std::string note;
};

/// Data of kind "label": a label of a pod that means something to the platform.
struct LabelEntry {
  std::string label;
  std::string value;  ///< Empty: every value that no other entry names.
  std::string new_label;
  std::string new_value;
  std::optional<Version> since;
  std::string reason;  ///< What is wrong with it since then; one line, shown to the user.
  std::string remedy;  ///< What a person has to do, if there is no new label.
};

/// Data of kind "symbol": a module, class, function or member that is gone, moved or deprecated.
struct SymbolEntry {
  std::string path;  ///< Full path; one that ends with '.' means all below.
  std::optional<Version> since;
  std::optional<Version> until;  ///< First version for which something else holds.
  std::string to;                ///< New path of what only moved, or what a member becomes.
  enum class Member : std::uint8_t {
    none,      ///< `path` is a module, or a name in one.
    any,       ///< `path` is a class and a member of it or of its objects.
    of_class,  ///< The same, and only where it is asked of the class itself.
  };
  Member member = Member::none;
  bool unused = false;             ///< An import without use can go.
  bool everywhere = false;         ///< Also in files that have no sign of running on the platform.
  std::vector<std::string> words;  ///< What the file has to contain; empty: the last name.
  std::optional<Severity> severity;  ///< Unless that of the rule.
  std::string reason;                ///< What is wrong.
  std::string otherwise;             ///< What a person has to do.

  /// The words without which a file is not concerned.
  std::vector<std::string> triggers() const;
};

/// Data of kind "text": a string that means something to the platform.
struct TextEntry {
  enum class Form : std::uint8_t {
    value,     ///< A whole string.
    path,      ///< A path, or the beginning of one.
    part,      ///< Consecutive parts of a path or URL.
    variable,  ///< The name of an environment variable that is read, or is set for `classes`.
    image,     ///< The name of a container image, between registry and tag.
    bucket,    ///< The name of a bucket that is used with a MinIO client or operator.
    conf,      ///< A key of a run's conf.
  };
  std::string old_value;
  Form form = Form::value;
  std::string new_value;  ///< Empty: nothing takes its place in the same place.
  std::optional<Version> since;
  std::optional<Version> until;      ///< First version for which something else holds.
  std::vector<std::string> classes;  ///< Operators whose env_vars= have the variable.
  bool containers = false;           ///< Not in files that Airflow loads.
  /// Not in files all of whose DAGs have one of these tags.
  std::vector<std::string> unless_tags;
  std::optional<Severity> severity;  ///< Unless that of the rule.
  std::optional<Safety> safety;      ///< Unless that of the rule.
  std::string reason;                ///< What is wrong.
  std::string otherwise;             ///< What a person has to do.

  /// The words without which a file is not concerned.
  std::vector<std::string> triggers() const;
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
  bool has_parameters = false;        ///< `call` tells all parameters; else they stay as they are.
  OperatorReplacement call;           ///< `positional` and `arguments` only.
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
  std::vector<std::string> beside;    ///< Nor is one without any of these, if there are any.
  std::vector<FileKind> files;        ///< What it looks at besides Python and notebooks.
  OperatorReplacement replacement;
  std::vector<ArgumentEntry> arguments;
  std::vector<ValueEntry> values;
  std::vector<LabelEntry> labels;
  std::vector<NameEntry> names;
  std::vector<SymbolEntry> symbols;
  std::vector<TextEntry> texts;
  ClientReplacement client;
  GraphChanges changes;  ///< What fixes change in a graph besides what the data says.

  /// What fixes of the rule may change in the graph of a DAG.
  GraphChanges graph_changes() const;
  /// Whether an entry (or the rule) concerns a migration.
  bool concerns(const Migration& migration) const;
  /// The words without which a file is not concerned by a migration: the triggers, or what the
  /// entries that concern it look for.
  std::vector<std::string> words(const Migration& migration) const;
  /// The same for a file that is not Python, where a string may have no quotes.
  std::vector<std::string> file_words(const Migration& migration) const;
};

/// Where an operator of Kaapana writes its output.
struct OperatorLevel {
  std::string class_path;
  std::string level;    ///< "batch": below each batch element; "run": in the run directory.
  std::string keyword;  ///< The entry holds for calls that give this argument ...
  std::string value;    ///< ... this value (source text, strings without quotes). Without a
                        ///< keyword: for calls that give none of those of the class's entries.
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
  /// Versions whose changes are announced.
  std::span<const Version> announced() const { return announced_; }
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
  /// How the classes of a version name their tasks. Loaded at the first call.
  const TaskNames& task_names(Version version) const;

  /// "0.4" (oldest or newest release of the series) or "0.4.1". The error lists what is known.
  enum class Series : std::uint8_t { oldest, newest };
  std::expected<Version, std::string> version(std::string_view text, Series series) const;

 private:
  std::vector<Rule> rules_;
  std::vector<Version> versions_;
  std::vector<Version> announced_;
  std::vector<std::string> common_arguments_;
  std::vector<ModuleSpan> modules_;
  std::vector<OperatorLevel> levels_;
  struct NamesCache;
  std::shared_ptr<NamesCache> names_;
};

/// Which rules a run has.
struct Selection {
  std::vector<std::string> select;  ///< Codes, names or code prefixes; empty: all.
  std::vector<std::string> ignore;
  bool outlook = false;  ///< Also what is announced for after the newest version.
};

/// The rules of one run: those that lie between two versions and are selected. Immutable;
/// keeps a pointer to the book.
class RuleSet {
 public:
  /// Error: an unknown rule in the selection.
  static std::expected<RuleSet, std::string> select(const RuleBook& book, Version from, Version to,
                                                    const Selection& selection);

  const RuleBook& book() const { return *book_; }
  Version from() const { return migration_.from; }
  Version to() const { return migration_.to; }
  const Migration& migration() const { return migration_; }
  std::span<const Rule* const> rules() const { return rules_; }
  /// All words that decide on whether a file is concerned; where a search for them says which of
  /// them a text has, nobody has to search again.
  std::span<const std::string> words() const { return words_; }
  /// Whether a file can have findings at all. Lexical: true too often, but never false where
  /// analyze() would report something, except for names that the project's own files pass on.
  bool concerns(std::string_view text, const ModuleResolver& resolver) const;
  /// The rules of this set that can have findings in a file, in the same sense and in their order.
  std::vector<const Rule*> rules_for(std::string_view text, const ModuleResolver& resolver) const;
  /// The same with `found`: which of words() occur in the text. More than those may be in it.
  std::vector<const Rule*> rules_for(std::string_view text, const std::vector<bool>& found,
                                     const ModuleResolver& resolver) const;
  /// Whether a text with these of words() has a comment for dagfix.
  bool speaks_to_dagfix(const std::vector<bool>& found) const { return found[0]; }
  /// Whether a text has a word of a rule.
  bool has_word(std::string_view text) const;
  /// The same as concerns() for a file that is not Python.
  bool concerns(FileKind kind, std::string_view text) const;
  /// The same as rules_for() for a file that is neither Python nor a notebook.
  std::vector<const Rule*> rules_for(FileKind kind, std::string_view text) const;
  /// Whether a change that came with `since` lies in (from, to], or is announced and asked for.
  bool in_range(std::optional<Version> since) const { return migration_.has(since); }
  /// The same for a change that another one overtook at `until`.
  bool in_range(std::optional<Version> since, std::optional<Version> until) const {
    return migration_.has(since, until);
  }
  bool runs(std::string_view code) const;
  /// The rule of this set that says what became of a module, class or member; null if there is
  /// none.
  const Rule* rule_about(std::string_view path) const;
  /// The parameters of the old class's constructor, in their order, where the migration begins.
  std::span<const std::string> parameters_of(const OperatorReplacement& replacement) const;
  /// What becomes of names and arguments, without what other rules of this set tell. Empty unless a
  /// rule of kind "api" runs.
  const ApiChanges& api() const { return *api_; }

 private:
  /// What a text has to have besides a word of a rule: numbers of words.
  struct Needs {
    using Groups = std::vector<std::vector<std::uint32_t>>;  // a word of each group
    Groups rule;
    std::vector<Groups> entries;  // all of one of these, if there are any
  };

  /// What a rule of kind "argument" says of an argument of a class, or of its new name; null if
  /// none does.
  const ArgumentEntry* entry_about(std::string_view path, std::string_view argument) const;
  bool concerns_by_word(const Rule& rule, std::string_view word, std::string_view text,
                        const ModuleResolver& resolver) const;

  const RuleBook* book_ = nullptr;
  std::shared_ptr<const ApiChanges> api_;
  std::map<std::string, std::vector<std::string>> parameters_;  // by path of an old class
  Migration migration_;
  std::vector<const Rule*> rules_;
  std::vector<std::string> words_;      // the marker, those of each rule, then others of needs_
  std::vector<std::size_t> words_end_;  // by rule: one past the last of its words
  Prefilter prefilter_;
  Prefilter file_prefilter_;  // words of the rules that look at more than Python
  std::vector<Needs> needs_;  // by rule
};

}  // namespace dagfix

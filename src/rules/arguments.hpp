#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "rules/context.hpp"

namespace dagfix {

/// The arguments of a call, as they are written.
std::vector<Node> arguments_of(Node call);
/// The value of a keyword argument; null if it is not given by keyword.
Node keyword_value(Node call, std::string_view name);

/// Whether a value is known to be one of some (source text, strings in double quotes).
bool is_one_of(const SemanticModel& model, const std::vector<std::string>& values, Node value);

/// What a person has to know if a time is dropped that is not known to be as short as the one that
/// takes its place; empty: it is.
std::string longer_time(const SemanticModel& model, const ArgumentChange& change, Node value);

class GivenArguments;

/// What has to happen to the arguments of one call.
struct ArgumentPlan {
  Safety safety = Safety::safe;
  std::vector<Edit> edits;
  std::vector<std::string> notes;     ///< What the edits drop or write out, and why.
  std::vector<std::string> problems;  ///< What a person has to decide; then no edit is made.
  std::string failure;  ///< How the call fails with the old class, and what to do; empty: it works.
  std::vector<std::string> lost;  ///< Arguments that the old class does not take any more.
  /// Makes the call right for the old class, where it has to stay; empty if `lost` is, or if that
  /// is not certain.
  std::vector<Edit> kept_edits;
  std::vector<std::string> kept_notes;  ///< What `kept_edits` do.
};

/// Says in `plan` which arguments of a call the old class itself does not take any more, and how
/// the call can stay with it.
void plan_kept_call(const RuleContext& context, const OperatorReplacement& replacement,
                    GivenArguments arguments, ArgumentPlan& plan);

/// Properties of the file's form that would take the place of what the operator is given.
std::vector<std::string> form_problems(const RuleContext& context,
                                       const OperatorReplacement& replacement);

/// Checks a call of `replacement.old_class` argument by argument.
ArgumentPlan plan_arguments(const RuleContext& context, const OperatorReplacement& replacement,
                            Node call);

/// The same for functools.partial(Old, ...) and all calls of the variable that holds it.
ArgumentPlan plan_partial(const RuleContext& context, const OperatorReplacement& replacement,
                          Node call);

/// The calls of the variable that holds a functools.partial(...); a problem if they cannot be seen.
std::vector<Node> calls_of_partial(const SemanticModel& model, Node call,
                                   std::vector<std::string>& problems);

/// The edit that makes a keyword argument or a dictionary key have another name.
Edit rename_keyword(Node keyword_argument, std::string_view name);

/// A dictionary that a name or expression certainly is: `{...}` or `dict(...)`, bound once and
/// read only to be unpacked into calls. Null otherwise.
Node unpacked_dictionary(const SemanticModel& model, Node splat);

/// A key of a dictionary: the pair's key node or the keyword argument, and its value.
struct DictionaryEntry {
  Node node;
  std::string key;
  Node value;
};

/// The entries of `{...}` or dict(...); nothing if a key cannot be known.
std::optional<std::vector<DictionaryEntry>> dictionary_entries(const SemanticModel& model,
                                                               Node dictionary);

/// The names of the properties that the file's ui_forms have.
std::set<std::string, std::less<>> form_properties(const SemanticModel& model);

}  // namespace dagfix

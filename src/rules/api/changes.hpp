#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/api/history.hpp"

namespace dagfix {

/// A module, class, function or constant that a migration's first version has and its last lacks.
struct ApiGone {
  std::string path;
  bool is_module = false;
  std::string to;             ///< Where it is now; empty: that is not certain.
  bool is_same = false;       ///< `to` is the very same object, and not only one of that name.
  bool is_passed_on = false;  ///< The module had it from elsewhere.
};

/// A keyword that a class or function took before a migration, and refuses after it.
struct ApiLostArgument {
  enum class Refusal : std::uint8_t {
    unexpected,  ///< Python: there is no such parameter.
    illegal,     ///< Airflow: it comes to an operator that does not know it.
    twice,       ///< Python: a constructor gives the same to its base itself.
  };
  std::string name;
  Refusal refusal = Refusal::unexpected;
  std::string by;        ///< Full path of who refuses it.
  bool is_told = false;  ///< By a rule that knows more.
  /// By such a rule, but only where the class itself is called, or partial(), with it.
  bool is_told_at_calls = false;
};

/// What a migration does to the calls of a class or function.
struct ApiCallChange {
  std::vector<ApiLostArgument> lost;
  std::vector<std::string> required;  ///< That were not required, or not there.
  /// The parameters in their order, before and after.
  std::vector<std::string> before;
  std::vector<std::string> after;
  bool has_other_order = false;
  bool is_replaced = false;  ///< A rule gives direct calls of the class to another one.

  const ApiLostArgument* find_lost(std::string_view keyword) const;
  bool requires_now(std::string_view keyword) const;
  /// The number of positional arguments that mean the same as before.
  std::size_t unchanged_positions() const;
  bool empty() const { return lost.empty() && required.empty() && !has_other_order; }
  /// Takes two parameters for the same one under another name.
  void take_for_same(std::string_view old_name, std::string_view new_name);
};

/// What happens between two versions to what Kaapana offers. Immutable.
class ApiChanges {
 public:
  /// `history` has to outlive the changes.
  static ApiChanges between(const ApiHistory& history, Version from, Version to);

  /// Sorted by path; a module stands for all that was in it.
  const std::vector<ApiGone>& gone() const { return gone_; }
  /// By path; null if it is not gone.
  const ApiGone* find_gone(std::string_view path) const;
  /// Whether something below a path is gone.
  bool has_gone_in(std::string_view path) const;
  /// By path of a class or function.
  const std::map<std::string, ApiCallChange, std::less<>>& calls() const { return calls_; }
  /// Null if all calls that were right still are.
  const ApiCallChange* find_call(std::string_view path) const;

  /// The first version from which on a path has been gone.
  Version gone_since(std::string_view path) const;
  /// The first version from which on the calls of a class or function have changed in some way.
  using IsChanged = std::function<bool(const ApiCallChange&)>;
  Version changed_since(std::string_view path, const IsChanged& is_changed) const;

  /// What a rule knows better: of a path, or of one of its arguments.
  struct Told {
    std::function<bool(std::string_view path)> path;
    /// Whether that is a class whose calls stay as long as the class does.
    std::function<bool(std::string_view path)> is_kept;
    std::function<bool(std::string_view path, std::string_view argument)> kept_argument;
    std::function<bool(std::string_view path, std::string_view argument)> argument;
    /// The new name of an argument that was only renamed; else empty.
    std::function<std::string_view(std::string_view path, std::string_view argument)> new_name;
  };
  void leave_out(const Told& told);

 private:
  const ApiHistory* history_ = nullptr;
  Version from_;
  Version to_;
  std::vector<ApiGone> gone_;
  std::map<std::string, ApiCallChange, std::less<>> calls_;
};

/// Whether a class is one of those that all of Kaapana's operators are made from.
bool is_operator_base(std::string_view path);

}  // namespace dagfix

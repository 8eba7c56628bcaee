#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "dagfix/version.hpp"

namespace dagfix {

/// Something that a module or a class has: a function, a parameter of the constructor, a base. What
/// kinds there are says tools/kaapana_api.py.
struct ApiMember {
  std::string_view kind;  ///< "param"
  std::string_view text;  ///< "name=None", "get(path, *, bucket=?)"
  Version first;
  Version last;

  /// The text up to what belongs to the name only: "name", "get".
  std::string_view name() const { return text.substr(0, text.find_first_of("=(")); }
  /// Whether the version has it.
  bool is_in(Version version) const { return first <= version && version <= last; }
};

/// A module or a class in consecutive versions.
struct ApiBlock {
  std::string_view kind;  ///< "module" or "class"
  std::string_view path;
  Version first;
  Version last;
  std::string_view lines;  ///< Of its members, unread.

  bool is_in(Version version) const { return first <= version && version <= last; }
  std::vector<ApiMember> members() const;
  /// Those that not all of its versions have.
  std::vector<ApiMember> passing_members() const;
  /// Whether a version has something of this name.
  bool has(std::string_view name, Version version) const;
  /// The members of one version, in their order.
  std::vector<ApiMember> members(Version version) const;
};

/// What Kaapana's versions offer to DAGs and containers: rules/api/history.tsv. Reading it costs no
/// more than finding its blocks; members are read when they are asked for. Immutable.
class ApiHistory {
 public:
  /// `text` has to outlive the history. The error names the line.
  static std::expected<ApiHistory, std::string> read(std::string_view text);
  /// The embedded file.
  static const ApiHistory& embedded();

  const std::vector<Version>& versions() const { return versions_; }
  /// Sorted by path.
  const std::vector<ApiBlock>& blocks() const { return blocks_; }
  /// A module or class of a version; null if there is none.
  const ApiBlock* find(std::string_view kind, std::string_view path, Version version) const;
  /// Whether something can be imported by this path: a module, a package that holds one, or a name
  /// in one.
  bool has(std::string_view path, Version version) const;

 private:
  std::vector<Version> versions_;
  std::vector<ApiBlock> blocks_;
};

}  // namespace dagfix

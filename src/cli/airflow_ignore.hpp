#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/gitignore.hpp"

namespace re2 {
class RE2;
}

namespace dagfix {

/// How .airflowignore files are written: Airflow's option core.dag_ignore_file_syntax.
enum class AirflowIgnoreSyntax : std::uint8_t {
  automatic,  ///< regexp, as Airflow 2 does, unless a line of the file can only be a glob.
  regexp,     ///< Searched anywhere in the path relative to the DAG folder.
  glob,       ///< As in .gitignore.
};

/// One .airflowignore file, with the meaning that Airflow 2.10 (airflow/utils/file.py) gives it.
/// Regular expressions are RE2's, as in Airflow since 2.7. Earlier ones used Python's, which knows
/// look-around and backreferences too; here such a pattern is invalid.
class AirflowIgnore {
 public:
  /// Airflow skips patterns that are invalid, and so does this; `warnings` gets a line for each.
  static AirflowIgnore parse(std::string_view text, AirflowIgnoreSyntax syntax,
                             std::vector<std::string>& warnings);

  AirflowIgnore(AirflowIgnore&&) noexcept;
  AirflowIgnore& operator=(AirflowIgnore&&) noexcept;
  ~AirflowIgnore();

  /// Whether the file says that a path is ignored (true) or kept (false: a glob with `!`). Regular
  /// expressions see the path from the DAG folder, globs the path from the folder of the file.
  std::optional<bool> verdict(std::string_view from_dag_folder, std::string_view from_own_folder,
                              bool is_folder) const;

 private:
  using Regexps = std::vector<std::unique_ptr<re2::RE2>>;

  AirflowIgnore();

  std::variant<Regexps, GitIgnore> patterns_;
};

}  // namespace dagfix

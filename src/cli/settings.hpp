#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace dagfix {

/// What the command line or a configuration file sets; empty: not set there.
struct Settings {
  using Flag = std::optional<bool>;
  using Text = std::optional<std::string>;
  using List = std::vector<std::string>;
  using Number = std::optional<unsigned>;

  Flag check, diff, apply, undo, unsafe_fixes;
  Text from, to;
  Flag outlook;
  List select, ignore, rules;
  List exclude;
  Text stdin_filename, airflowignore_syntax;
  Text format, output;
  Flag statistics, quiet, no_color;
  Text baseline, write_baseline;
  Flag exit_zero;
  Text config;
  Flag no_config;
  Number jobs;
  Flag version, help;
};

/// One option, known to the command line, the configuration file, the help and the completions.
struct OptionSpec {
  enum class Group : std::uint8_t { action, versions, files, output, baseline, other };
  enum class Complete : std::uint8_t { nothing, file, folder, rule, version };
  using Target = std::variant<Settings::Flag Settings::*, Settings::Text Settings::*,
                              Settings::List Settings::*, Settings::Number Settings::*>;

  std::string_view name;  ///< Without dashes; also the key in a configuration file.
  Target target;
  Group group;
  std::string_view value;  ///< How the help calls the value; empty for flags.
  std::string_view help;   ///< Half a sentence.
  bool in_config = false;
  Complete complete = Complete::nothing;
  std::span<const std::string_view> choices = {};  ///< All allowed values; empty: any.

  /// Whether a list may be given as one value with commas. File names may hold commas.
  bool has_commas() const { return complete == Complete::rule; }
};

/// All options, in the order of the help.
std::span<const OptionSpec> option_specs();

/// What a group is called in the help.
std::string_view title_of(OptionSpec::Group group);

/// Takes from `other` what is not set. Returns the names of the options that it took.
std::vector<std::string_view> fill_unset(Settings& settings, const Settings& other);

/// Whether a value is allowed by `choices` and `jobs`' limits. Error: half a sentence.
std::expected<void, std::string> check_text(const OptionSpec& spec, std::string_view text);
std::expected<unsigned, std::string> check_number(std::int64_t number);

}  // namespace dagfix

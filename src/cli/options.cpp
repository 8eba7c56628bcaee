#include "cli/options.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "cli/did_you_mean.hpp"

namespace dagfix {

namespace {

void add_option(CLI::App& app, const OptionSpec& spec, Settings& settings) {
  const std::string name = fmt::format("--{}", spec.name);
  const auto add = [&](auto member) {
    auto& value = settings.*member;
    using Value = std::remove_reference_t<decltype(value)>;
    if constexpr (std::is_same_v<Value, Settings::Flag>) {
      app.add_flag_callback(name, [&value] { value = true; });
    } else if constexpr (std::is_same_v<Value, Settings::List>) {
      app.add_option(name, value)->delimiter(',')->allow_extra_args(false);
    } else {
      app.add_option(name, value)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
  };
  std::visit(add, spec.target);
}

std::expected<void, std::string> check_choices(const Settings& settings) {
  for (const OptionSpec& spec : option_specs()) {
    const auto* const member = std::get_if<Settings::Text Settings::*>(&spec.target);
    if (!member || spec.choices.empty()) continue;
    const Settings::Text& value = settings.**member;
    if (!value || std::ranges::find(spec.choices, *value) != spec.choices.end()) continue;
    return std::unexpected(
        fmt::format("--{}: '{}' is none of {}", spec.name, *value, fmt::join(spec.choices, ", ")));
  }
  return {};
}

std::string unknown_option(const std::vector<std::string>& left) {
  const std::string& name = left.front();
  std::vector<std::string_view> names;
  for (const OptionSpec& spec : option_specs()) names.push_back(spec.name);
  const auto start = std::min(name.find_first_not_of('-'), name.size());
  return fmt::format("unknown option {}{}", name,
                     did_you_mean(name.substr(start, name.find('=') - start), names, "--"));
}

}  // namespace

std::expected<CommandLine, std::string> parse_command_line(std::span<const std::string> arguments) {
  CommandLine line;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  for (const OptionSpec& spec : option_specs()) add_option(app, spec, line.settings);
  app.add_option("PATH", line.paths);
  try {
    // CLI11 takes the arguments from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(error.what());
  }
  if (const auto left = app.remaining(); !left.empty()) {
    return std::unexpected(unknown_option(left));
  }
  if (auto checked = check_choices(line.settings); !checked) {
    return std::unexpected(checked.error());
  }
  return line;
}

}  // namespace dagfix

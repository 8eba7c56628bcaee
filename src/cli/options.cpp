#include "cli/options.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <iterator>
#include <map>

#include "cli/did_you_mean.hpp"

namespace dagfix {

namespace {

// CLI11 keeps the values as text; what they must look like is known to OptionSpec.
using Values = std::map<std::string_view, std::vector<std::string>>;

void add_option(CLI::App& app, const OptionSpec& spec, Values& values) {
  const std::string name = fmt::format("--{}", spec.name);
  std::vector<std::string>& out = values[spec.name];
  if (spec.value.empty()) {
    app.add_flag_callback(name, [&out] { out = {"true"}; })->disable_flag_override();
  } else {
    app.add_option(name, out)->allow_extra_args(false);
  }
}

void add_parts(std::string_view text, char separator, std::vector<std::string>& parts) {
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = text.find(separator);
    if (end != 0 && !text.empty()) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

std::expected<void, std::string> take(const OptionSpec&, const std::vector<std::string>&,
                                      Settings::Flag& out) {
  out = true;
  return {};
}

std::expected<void, std::string> take(const OptionSpec& spec,
                                      const std::vector<std::string>& values, Settings::Text& out) {
  out = values.back();
  return check_text(spec, *out);
}

std::expected<void, std::string> take(const OptionSpec& spec,
                                      const std::vector<std::string>& values, Settings::List& out) {
  for (const std::string& value : values) {
    if (spec.has_commas()) {
      add_parts(value, ',', out);
    } else {
      out.push_back(value);
    }
  }
  if (out.empty()) return std::unexpected("needs a value");
  return {};
}

std::expected<void, std::string> take(const OptionSpec&, const std::vector<std::string>& values,
                                      Settings::Number& out) {
  std::int64_t number = 0;
  const std::string& text = values.back();
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) {
    return std::unexpected(fmt::format("'{}' is no number", text));
  }
  const auto checked = check_number(number);
  if (!checked) return std::unexpected(checked.error());
  out = *checked;
  return {};
}

std::expected<void, std::string> take_all(const Values& values, Settings& settings) {
  for (const OptionSpec& spec : option_specs()) {
    const std::vector<std::string>& given = values.at(spec.name);
    if (given.empty()) continue;
    const auto taken = std::visit(
        [&](const auto member) { return take(spec, given, settings.*member); }, spec.target);
    if (!taken) return std::unexpected(fmt::format("--{}: {}", spec.name, taken.error()));
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

// Options that exclude each other.
std::expected<void, std::string> check_together(const CommandLine& line) {
  const Settings& given = line.settings;
  std::vector<std::string_view> actions;
  const auto add = [&](const Settings::Flag& flag, std::string_view name) {
    if (flag) actions.push_back(name);
  };
  add(given.check, "--check");
  add(given.diff, "--diff");
  add(given.apply, "--apply");
  add(given.undo, "--undo");
  if (actions.size() > 1) {
    return std::unexpected(fmt::format("{} and {} exclude each other", actions[0], actions[1]));
  }
  const bool is_check = actions.empty() || given.check;
  if (given.write_baseline && !is_check) {
    return std::unexpected(fmt::format("--write-baseline does not go with {}", actions[0]));
  }
  if (given.format && given.diff) {
    return std::unexpected("--format does not go with --diff, which prints a diff");
  }
  if (given.config && given.no_config) {
    return std::unexpected("--config and --no-config exclude each other");
  }
  if (given.undo && !line.paths.empty()) {
    return std::unexpected("--undo takes no PATH: it takes back the whole last --apply");
  }
  const bool has_stdin = std::ranges::find(line.paths, "-") != line.paths.end();
  if (has_stdin && line.paths.size() > 1) {
    return std::unexpected("'-', standard input, does not go with other paths");
  }
  if (given.stdin_filename && !has_stdin) {
    return std::unexpected("--stdin-filename needs '-' as PATH");
  }
  for (const std::string& path : line.paths) {
    if (path.empty()) return std::unexpected("PATH is empty");
  }
  return {};
}

}  // namespace

std::string CommandLine::origin(std::string_view name) const {
  const auto place = places.find(name);
  return place == places.end() ? fmt::format("--{}", name) : place->second;
}

std::expected<CommandLine, std::string> parse_command_line(std::span<const std::string> arguments) {
  CommandLine line;
  Values values;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  for (const OptionSpec& spec : option_specs()) add_option(app, spec, values);
  app.add_option("PATH", line.paths);
  const auto separator = std::ranges::find(arguments, "--");
  try {
    // CLI11 takes the arguments from the back.
    app.parse(std::vector<std::string>(std::reverse_iterator(separator),
                                       std::reverse_iterator(arguments.begin())));
  } catch (const CLI::ArgumentMismatch& error) {
    const std::string_view what = error.what();
    const std::string_view name = what.substr(0, what.find_first_of(": "));
    return std::unexpected(fmt::format("{}{} {} value", name.starts_with("--") ? "" : "--", name,
                                       what.ends_with("missing") ? "needs a" : "takes no"));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(error.what());
  }
  if (const auto left = app.remaining(); !left.empty()) {
    return std::unexpected(unknown_option(left));
  }
  if (separator != arguments.end()) {
    line.paths.insert(line.paths.end(), separator + 1, arguments.end());
  }
  if (auto taken = take_all(values, line.settings); !taken) return std::unexpected(taken.error());
  if (auto checked = check_together(line); !checked) return std::unexpected(checked.error());
  return line;
}

}  // namespace dagfix

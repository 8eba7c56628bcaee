#include "cli/airflow_ignore.hpp"

#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <string>
#include <utility>

namespace dagfix {
namespace {

constexpr std::string_view kSpaces = " \t\r\v\f";

struct Line {
  std::size_t number = 0;
  std::string_view pattern;
};

// Without comments (`\s*#.*` wherever it is; there is no escape) and without blank lines.
std::vector<Line> pattern_lines(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (const std::size_t comment = line.find('#'); comment != std::string_view::npos) {
      line = line.substr(0, comment);
      line = line.substr(0, line.find_last_not_of(kSpaces) + 1);
    }
    if (line.find_first_not_of(kSpaces) != std::string_view::npos) lines.push_back({number, line});
  }
  return lines;
}

std::unique_ptr<re2::RE2> compile(std::string_view pattern) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  return std::make_unique<re2::RE2>(std::string(pattern), options);
}

// `!keep.py`, `*.py` and `a/**/b` make no sense as regular expressions, `[` is not even one.
bool is_only_a_glob(std::string_view pattern) {
  return pattern.starts_with('!') || pattern.starts_with('*') ||
         pattern.find("**") != std::string_view::npos || !compile(pattern)->ok();
}

}  // namespace

AirflowIgnore::AirflowIgnore() = default;
AirflowIgnore::AirflowIgnore(AirflowIgnore&&) noexcept = default;
AirflowIgnore& AirflowIgnore::operator=(AirflowIgnore&&) noexcept = default;
AirflowIgnore::~AirflowIgnore() = default;

AirflowIgnore AirflowIgnore::parse(std::string_view text, AirflowIgnoreSyntax syntax,
                                   std::vector<std::string>& warnings) {
  const std::vector<Line> lines = pattern_lines(text);
  const bool is_glob =
      syntax == AirflowIgnoreSyntax::glob ||
      (syntax == AirflowIgnoreSyntax::automatic &&
       std::ranges::any_of(lines, [](const Line& line) { return is_only_a_glob(line.pattern); }));
  AirflowIgnore result;
  if (is_glob) {
    GitIgnore globs;
    for (const Line& line : lines) globs.add(line.pattern);
    result.patterns_ = std::move(globs);
    return result;
  }
  Regexps regexps;
  for (const Line& line : lines) {
    auto regexp = compile(line.pattern);
    if (regexp->ok()) {
      regexps.push_back(std::move(regexp));
    } else {
      warnings.push_back(fmt::format("line {}: invalid regular expression \"{}\" has no effect: {}",
                                     line.number, line.pattern, regexp->error()));
    }
  }
  result.patterns_ = std::move(regexps);
  return result;
}

std::optional<bool> AirflowIgnore::verdict(std::string_view from_dag_folder,
                                           std::string_view from_own_folder, bool is_folder) const {
  if (const auto* globs = std::get_if<GitIgnore>(&patterns_)) {
    return globs->verdict(from_own_folder, is_folder);
  }
  const std::string path(from_dag_folder);
  for (const auto& regexp : std::get<Regexps>(patterns_)) {
    if (re2::RE2::PartialMatch(path, *regexp)) return true;
  }
  return std::nullopt;
}

}  // namespace dagfix

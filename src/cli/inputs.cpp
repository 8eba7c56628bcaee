#include "cli/inputs.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cli/posix.hpp"
#include "cli/siblings.hpp"
#include "cli/walk.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kStdin = "-";

AirflowIgnoreSyntax airflowignore_syntax(const Settings& settings) {
  if (settings.airflowignore_syntax == "glob") return AirflowIgnoreSyntax::glob;
  if (settings.airflowignore_syntax == "regexp") return AirflowIgnoreSyntax::regexp;
  return AirflowIgnoreSyntax::automatic;
}

Inputs read_stdin(const Settings& settings) {
  Inputs inputs;
  const std::string path = settings.stdin_filename.value_or("<stdin>");
  if (auto bytes = read_all(STDIN_FILENO, 0, SourceFile::kMaxBytes)) {
    inputs.files.push_back({path, true, *std::move(bytes)});
  } else {
    inputs.failures.push_back({path, errno_text(bytes.error())});
  }
  return inputs;
}

}  // namespace

bool is_stdin(const CommandLine& line) {
  return !line.paths.empty() && line.paths.front() == kStdin;
}

Inputs collect_inputs(const CommandLine& line, const std::string& exclude_root,
                      std::function<bool()> is_cancelled) {
  const Settings& settings = line.settings;
  if (is_stdin(line)) return read_stdin(settings);
  const std::vector<std::string> paths =
      line.paths.empty() ? std::vector<std::string>{"."} : line.paths;
  WalkOptions options;
  options.excludes = settings.exclude;
  options.exclude_root = exclude_root;
  options.airflowignore = airflowignore_syntax(settings);
  options.is_cancelled = std::move(is_cancelled);
  CollectedFiles collected = collect_files(paths, options);
  const std::set<std::string> given(paths.begin(), paths.end());
  Inputs inputs{{}, std::move(collected.failures), std::move(collected.warnings)};
  for (std::string& path : collected.files) {
    const bool is_given = given.contains(path);
    inputs.files.push_back({std::move(path), is_given, {}});
  }
  if (inputs.failures.empty() && std::ranges::all_of(inputs.files, &Input::is_given)) {
    for (std::string& path : sibling_files(paths, options)) {
      inputs.files.push_back({std::move(path), false, {}, false, true});
    }
    std::ranges::sort(inputs.files, {}, &Input::path);
  }
  return inputs;
}

}  // namespace dagfix

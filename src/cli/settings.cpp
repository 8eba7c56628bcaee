#include "cli/settings.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace dagfix {

namespace {

using enum OptionSpec::Group;
using enum OptionSpec::Complete;
using S = Settings;

constexpr std::array<std::string_view, 7> kFormats{"text",   "concise", "json", "sarif",
                                                   "github", "gitlab",  "junit"};
constexpr std::array<std::string_view, 3> kAirflowignore{"auto", "regexp", "glob"};

constexpr auto kSpecs = std::to_array<OptionSpec>({
    {"check", &S::check, action, "", "report what has to change; never writes (the default)"},
    {"diff", &S::diff, action, "", "print the fixes as a unified diff; writes no file"},
    {"apply", &S::apply, action, "", "make the fixes; say what is left to a person"},
    {"undo", &S::undo, action, "", "take back what the last --apply did"},
    {"unsafe-fixes", &S::unsafe_fixes, action, "",
     "with --diff or --apply: make fixes that a person has to look at, too", true},

    {"from", &S::from, versions, "V",
     "version that the code is written for: 0.4, 0.4.2 (default: detected)", true, version},
    {"to", &S::to, versions, "V", "version that it is to run on: 0.5, 0.5.1 (default: 0.5.3)", true,
     version},
    {"outlook", &S::outlook, versions, "",
     "tell as well what is announced for after the newest version (0.7)", true},
    {"select", &S::select, versions, "RULES",
     "only these rules: codes, beginnings of codes or names, with commas", true, rule},
    {"ignore", &S::ignore, versions, "RULES", "all but these rules", true, rule},
    {"rules", &S::rules, versions, "DIR", "add the rules in the .json files of a folder", true,
     folder},

    {"exclude", &S::exclude, files, "GLOB",
     "leave out files and folders, as in .gitignore; may be repeated", true},
    {"stdin-filename", &S::stdin_filename, files, "NAME", "path to report for '-', standard input",
     false, file},
    {"airflowignore-syntax", &S::airflowignore_syntax, files, "SYNTAX",
     "of .airflowignore files: auto, regexp or glob (default: auto)", true, nothing,
     kAirflowignore},

    {"format", &S::format, output, "FORMAT",
     "text, concise, json, sarif, github, gitlab or junit (default: text)", true, nothing,
     kFormats},
    {"output", &S::output, output, "FILE", "write there instead of to standard output", false,
     file},
    {"statistics", &S::statistics, output, "", "append a table of findings by rule", true},
    {"quiet", &S::quiet, output, "", "findings and errors only", true},
    {"no-color", &S::no_color, output, "", "no colours (also: environment variable NO_COLOR)",
     true},

    {"baseline", &S::baseline, baseline, "FILE", "hide the findings that are counted there", true,
     file},
    {"write-baseline", &S::write_baseline, baseline, "FILE",
     "count today's findings into a file and exit with 0", false, file},
    {"exit-zero", &S::exit_zero, baseline, "", "exit with 0 even if there are findings", true},

    {"config", &S::config, other, "FILE", "configuration file (default: the nearest, see below)",
     false, file},
    {"no-config", &S::no_config, other, "", "use no configuration file"},
    {"jobs", &S::jobs, other, "N", "threads (default: one for each processor)", true},
    {"version", &S::version, other, "", "print the version of dagfix and exit"},
    {"help", &S::help, other, "", "print this page and exit"},
});

}  // namespace

std::span<const OptionSpec> option_specs() { return kSpecs; }

std::string_view title_of(OptionSpec::Group group) {
  switch (group) {
    case action:
      return "What to do";
    case versions:
      return "Versions and rules";
    case files:
      return "Files";
    case output:
      return "Output";
    case baseline:
      return "Existing findings";
    case other:
      return "Other";
  }
  return {};
}

std::vector<std::string_view> fill_unset(Settings& settings, const Settings& other_settings) {
  std::vector<std::string_view> taken;
  for (const OptionSpec& spec : kSpecs) {
    std::visit(
        [&](const auto member) {
          auto& own = settings.*member;
          const std::remove_reference_t<decltype(own)> unset{};
          if (own != unset || other_settings.*member == unset) return;
          own = other_settings.*member;
          taken.push_back(spec.name);
        },
        spec.target);
  }
  return taken;
}

std::expected<void, std::string> check_text(const OptionSpec& spec, std::string_view text) {
  if (spec.choices.empty() || std::ranges::find(spec.choices, text) != spec.choices.end()) {
    return {};
  }
  return std::unexpected(fmt::format("'{}' is none of {}", text, fmt::join(spec.choices, ", ")));
}

std::expected<unsigned, std::string> check_number(std::int64_t number) {
  constexpr std::int64_t kMostJobs = 1024;
  if (number >= 1 && number <= kMostJobs) return static_cast<unsigned>(number);
  return std::unexpected(fmt::format("{} is not between 1 and {}", number, kMostJobs));
}

}  // namespace dagfix

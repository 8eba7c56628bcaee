#include "cli/graph_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "cli/driver.hpp"
#include "cli/inputs.hpp"
#include "cli/job.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/prepare.hpp"
#include "cli/rule_files.hpp"
#include "cli/terminal.hpp"
#include "report/graph_report.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kHelp =
    R"(Shows tasks and edges of DAGs, read without running them, and what a migration changes.

Usage: dagfix graph [OPTIONS] [PATH...]

PATH is a file, a folder, or '-' for standard input; without one, the current folder.

  --format FORMAT             text, json, mermaid, dot or svg (default: text)
  --dag ID                    only this DAG; may be repeated
  --output FILE               write there instead of to standard output
  --from V, --to V            versions, as for --check
  --select RULES, --ignore RULES, --rules DIR
                              which rules mark tasks
  --unsafe-fixes              mark what --apply --unsafe-fixes changes
  --exclude GLOB, --stdin-filename NAME, --airflowignore-syntax SYNTAX,
  --config FILE, --no-config, --no-color, --jobs N
                              as for --check
  --help                      print this page and exit

Exit code
  0 all was read, 2 dagfix could not do all of its work.

Examples
  dagfix graph dags/                      tasks and edges of all DAGs below a folder
  dagfix graph --format svg --output lung.svg dags/dag_lung.py
  dagfix graph --format json --dag lung-nodules dags/
)";

/// The options of this command that the others do not have.
struct Request {
  std::string format = "text";
  std::vector<std::string> dags;
  std::vector<std::string> rest;
};

std::expected<Request, std::string> split(std::span<const std::string> arguments) {
  Request request;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    const auto value_of = [&](std::string_view name) -> std::optional<std::string> {
      if (argument == name && i + 1 < arguments.size()) return arguments[++i];
      if (argument.starts_with(fmt::format("{}=", name))) return argument.substr(name.size() + 1);
      return std::nullopt;
    };
    if (argument == "--") {
      request.rest.insert(request.rest.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i),
                          arguments.end());
      break;
    }
    if (argument == "--format" || argument == "--dag") {
      if (i + 1 == arguments.size()) return std::unexpected(argument + " needs a value");
    }
    if (auto format = value_of("--format")) {
      request.format = *std::move(format);
    } else if (auto dag = value_of("--dag")) {
      request.dags.push_back(*std::move(dag));
    } else {
      request.rest.push_back(argument);
    }
  }
  if (std::ranges::find(kGraphFormats, request.format) == std::end(kGraphFormats)) {
    return std::unexpected(fmt::format("--format: '{}' is none of {}", request.format,
                                       fmt::join(kGraphFormats, ", ")));
  }
  return request;
}

std::expected<void, std::string> check_options(const Settings& given) {
  for (const OptionSpec& spec : option_specs()) {
    const bool is_given = std::visit(
        [&](const auto member) {
          return given.*member != std::remove_cvref_t<decltype(given.*member)>();
        },
        spec.target);
    if (is_given && !goes_with_graph(spec)) {
      return std::unexpected(fmt::format("graph: --{} does not go with it", spec.name));
    }
  }
  return {};
}

void keep_dags(GraphReport& report, const std::vector<std::string>& ids) {
  if (ids.empty()) return;
  for (GraphFile& file : report.files) {
    std::erase_if(file.graph.dags, [&](const GraphDag& dag) {
      return !dag.id || std::ranges::find(ids, *dag.id) == ids.end();
    });
  }
  std::erase_if(report.files, [](const GraphFile& file) { return file.graph.dags.empty(); });
}

std::string write(const GraphReport& report, std::string_view format, bool color) {
  if (format == "json") return format_graph_json(report);
  if (format == "mermaid") return format_graph_mermaid(report);
  if (format == "dot") return format_graph_dot(report);
  if (format == "svg") return format_graph_svg(report);
  return format_graph_text(report, color);
}

}  // namespace

bool goes_with_graph(const OptionSpec& spec) {
  static constexpr std::string_view kNames[] = {
      "unsafe-fixes", "from",           "to",     "select",   "ignore", "rules",
      "exclude",      "stdin-filename", "output", "no-color", "config", "airflowignore-syntax",
      "no-config",    "jobs",           "help"};
  return std::ranges::find(kNames, spec.name) != std::end(kNames);
}

std::string graph_help_page() { return std::string(kHelp); }

std::expected<ExitCode, std::string> graph_command(std::span<const std::string> arguments) {
  const auto request = split(arguments);
  if (!request) return std::unexpected(request.error());
  auto line = parse_command_line(request->rest);
  if (!line) return std::unexpected(line.error());
  if (auto checked = check_options(line->settings); !checked) {
    return std::unexpected(checked.error());
  }
  const auto exclude_root = add_config(*line);
  if (!exclude_root) return std::unexpected(exclude_root.error());
  const auto book = load_rules(line->settings.rules);
  if (!book) return std::unexpected(book.error());
  const auto job = make_job(*line, *book);
  if (!job) return std::unexpected(job.error());
  Inputs inputs = collect_inputs(*line, *exclude_root);
  auto rules = widest_rules(*job, *book);
  if (!rules) return std::unexpected(rules.error());
  auto outcome = run_graph_job(*job, *std::move(rules), std::move(inputs.files));
  if (!outcome) return std::unexpected(outcome.error());
  for (const PathMessage& failure : inputs.failures) {
    outcome->failures.push_back({failure.path, failure.message});
  }
  for (const Failure& failure : outcome->failures) {
    say(fmt::format("{}: {}", failure.path, failure.message));
  }
  keep_dags(outcome->report, request->dags);
  if (!request->dags.empty() && outcome->report.files.empty()) {
    return std::unexpected(
        fmt::format("--dag: there is no DAG {}", fmt::join(request->dags, ", ")));
  }
  const Terminal terminal = find_terminal(line->settings.no_color.value_or(false));
  const std::string text =
      write(outcome->report, request->format, terminal.output_color && !line->settings.output);
  if (line->settings.output) {
    if (auto written = write_output(*line->settings.output, text); !written) {
      return std::unexpected(fmt::format("{}: {}", *line->settings.output, written.error()));
    }
  } else if (auto written = write_stdout(text); !written) {
    return std::unexpected("standard output: " + written.error());
  }
  return outcome->failures.empty() ? ExitCode::clean : ExitCode::failure;
}

}  // namespace dagfix

#include <fmt/format.h>

#include <iterator>

#include "cli/options.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kIntro =
    R"(Checks Airflow DAGs of the Kaapana platform against a newer Kaapana and rewrites them.

Usage: dagfix [--check | --diff | --apply] [OPTIONS] [PATH...]
       dagfix rules [NAME] [--format text|json|markdown]
       dagfix graph [--format text|json|mermaid|dot|svg] [OPTIONS] [PATH...]
       dagfix doctor [--bundle DIR] [OPTIONS]
       dagfix completion bash|zsh|fish
       dagfix lsp

PATH is a file, a folder, or '-' for standard input; without one, the current folder.
)";

constexpr std::string_view kOutro = R"(
Exit code
  0 nothing (left) to do, 1 findings (left), 2 dagfix could not do all of its work.

Configuration
  dagfix.toml, or [tool.dagfix] in pyproject.toml, of the first PATH's folder or the nearest
  one above it. Its keys are named like the options; the command line wins.

Examples
  dagfix dags/                            what has to change for Kaapana 0.5.3?
  dagfix --diff dags/                     what would dagfix change?
  dagfix --apply dags/                    change it; 'dagfix --undo' takes it back
  dagfix --from 0.3.5 --to 0.4.2 my_dag.py
  dagfix --format sarif --output dagfix.sarif --exit-zero .
  dagfix rules KAP101                     what does this rule mean?
  dagfix graph dags/                      tasks and edges; 'dagfix graph --help' says more
  dagfix doctor --list                    steps of an upgrade; 'dagfix doctor --help' says more
  dagfix lsp                              serve an editor, see docs/editors.md
  dagfix ./rules                          a folder of that name
)";

}  // namespace

std::string help_page() {
  constexpr std::size_t kColumn = 30;
  std::string page(kIntro);
  const OptionSpec* before = nullptr;
  for (const OptionSpec& spec : option_specs()) {
    if (!before || before->group != spec.group) page += fmt::format("\n{}\n", title_of(spec.group));
    before = &spec;
    const std::string name =
        fmt::format("  --{}{}{}", spec.name, spec.value.empty() ? "" : " ", spec.value);
    page += name;
    if (name.size() + 2 > kColumn) page += '\n';
    const std::size_t column = name.size() + 2 > kColumn ? 0 : name.size();
    fmt::format_to(std::back_inserter(page), "{:{}}{}\n", "", kColumn - column, spec.help);
  }
  return page.append(kOutro);
}

}  // namespace dagfix

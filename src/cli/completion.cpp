#include "cli/completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <vector>

#include "cli/doctor_completion.hpp"
#include "cli/graph_command.hpp"
#include "cli/rules_command.hpp"
#include "cli/settings.hpp"
#include "rules/rule_set.hpp"

namespace dagfix {

namespace {

using Complete = OptionSpec::Complete;

constexpr std::string_view kShells = "bash zsh fish";

/// The words that scripts offer, separated by spaces.
struct Words {
  std::string rules;
  std::string versions;

  /// For the value of an option; empty if it is no choice.
  std::string values_of(const OptionSpec& spec) const {
    if (spec.complete == Complete::rule) return rules;
    if (spec.complete == Complete::version) return versions;
    return fmt::format("{}", fmt::join(spec.choices, " "));
  }
};

Words words_of(const RuleBook& book) {
  std::vector<std::string> rules;
  for (const Rule& rule : book.rules()) {
    rules.push_back(rule.info.code);
    rules.push_back(rule.info.name);
  }
  std::vector<std::string> versions;
  for (const Version version : book.versions()) versions.push_back(to_string(version));
  return {fmt::format("{}", fmt::join(rules, " ")), fmt::format("{}", fmt::join(versions, " "))};
}

std::string graph_formats() { return fmt::format("{}", fmt::join(kGraphFormats, " ")); }

std::string rules_formats() { return fmt::format("{}", fmt::join(kRuleFormats, " ")); }

std::string bash_script(const Words& words, const std::string& doctor) {
  std::string cases;
  std::string names;
  std::string graph_names = "--format --dag";
  for (const OptionSpec& spec : option_specs()) {
    fmt::format_to(std::back_inserter(names), "{}--{}", names.empty() ? "" : " ", spec.name);
    if (goes_with_graph(spec)) graph_names += fmt::format(" --{}", spec.name);
    if (spec.value.empty()) continue;
    const std::string values = words.values_of(spec);
    std::string action = "compopt -o nospace";
    if (spec.complete == Complete::file) action = R"(compopt -o filenames; offer -f)";
    if (spec.complete == Complete::folder) action = R"(compopt -o filenames; offer -d)";
    if (!values.empty()) action = fmt::format("offer -W '{}'", values);
    fmt::format_to(std::back_inserter(cases), "    --{}) {}; return ;;\n", spec.name, action);
  }
  return fmt::format(
      R"(# bash completion for dagfix: source this, or put it where bash-completion looks.
_dagfix() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}
  offer() {{ mapfile -t COMPREPLY < <(compgen "$@" -- "$word"); }}
  COMPREPLY=()
  if [[ ${{COMP_WORDS[1]}} == completion && $COMP_CWORD -gt 1 ]]; then
    offer -W '{shells}'; return
  fi
  if [[ ${{COMP_WORDS[1]}} == rules && $COMP_CWORD -gt 1 ]]; then
    if [[ $before == --format ]]; then offer -W '{formats}'; return; fi
    if [[ $before == --rules ]]; then compopt -o filenames; offer -d; return; fi
    offer -W '--format --rules {rules}'; return
  fi
  if [[ ${{COMP_WORDS[1]}} == graph && $COMP_CWORD -gt 1 ]]; then
    if [[ $before == --format ]]; then offer -W '{graph_formats}'; return; fi
    if [[ $before == --dag ]]; then compopt -o nospace; return; fi
    if [[ $word == -* ]]; then offer -W '{graph_names}'; return; fi
  fi
{doctor}  case $before in
{cases}  esac
  if [[ $word == -* ]]; then
    offer -W '{names}'; return
  fi
  compopt -o filenames
  offer -f
  if [[ $COMP_CWORD -eq 1 ]]; then
    mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -W 'doctor rules graph completion lsp' -- "$word")
  fi
}}
complete -F _dagfix dagfix
)",
      fmt::arg("shells", kShells), fmt::arg("formats", rules_formats()),
      fmt::arg("rules", words.rules), fmt::arg("cases", cases), fmt::arg("names", names),
      fmt::arg("graph_formats", graph_formats()), fmt::arg("graph_names", graph_names),
      fmt::arg("doctor", doctor));
}

/// Text inside of '...' of zsh and fish, with `special` characters escaped.
std::string quoted(std::string_view text, std::string_view special) {
  std::string result;
  for (const char c : text) {
    if (c == '\'') {
      result += R"('\'')";
      continue;
    }
    if (special.find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

std::string zsh_script(const Words& words, const std::string& doctor) {
  std::string options;
  std::string graph_options;
  for (const OptionSpec& spec : option_specs()) {
    const std::string values = words.values_of(spec);
    std::string action;
    if (spec.complete == Complete::file) action = "_files";
    if (spec.complete == Complete::folder) action = "_files -/";
    if (!values.empty()) action = fmt::format("({})", values);
    const bool repeats = std::holds_alternative<Settings::List Settings::*>(spec.target);
    const std::string option = fmt::format(
        "    '{}--{}[{}]{}' \\\n", repeats ? "*" : "", spec.name, quoted(spec.help, "[]:\\"),
        spec.value.empty() ? "" : fmt::format(":{}:{}", spec.value, action));
    options += option;
    if (goes_with_graph(spec)) graph_options += "      " + option;
  }
  return fmt::format(R"(#compdef dagfix
# zsh completion for dagfix: put this into a file _dagfix in a folder of $fpath.
_dagfix() {{
  if (( CURRENT > 2 )); then
    case $words[2] in
      rules)
        _arguments '--format[how to print]:FORMAT:({formats})' '--rules[add rules]:DIR:_files -/' \
          '2:RULE:({rules})'
        return ;;
      graph)
        _arguments -S '--format[how to print]:FORMAT:({graph_formats})' \
          '*--dag[only this DAG]:ID:' \
{graph_options}          '*:PATH:_files'
        return ;;
{doctor}      completion)
        _arguments '2:SHELL:({shells})'
        return ;;
    esac
  fi
  (( CURRENT == 2 )) && compadd doctor rules graph completion lsp
  _arguments -S \
{options}    '*:PATH:_files'
}}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _dagfix "$@"
else
  compdef _dagfix dagfix
fi
)",
                     fmt::arg("formats", rules_formats()), fmt::arg("rules", words.rules),
                     fmt::arg("shells", kShells), fmt::arg("options", options),
                     fmt::arg("graph_formats", graph_formats()),
                     fmt::arg("graph_options", graph_options), fmt::arg("doctor", doctor));
}

std::string fish_script(const Words& words, const std::string& doctor) {
  std::string script = fmt::format(
      R"(# fish completion for dagfix: put this into ~/.config/fish/completions/dagfix.fish.
complete -c dagfix -n __fish_is_first_token -a 'doctor rules graph completion lsp'
complete -c dagfix -f -n '__fish_seen_subcommand_from completion' -a '{}'
complete -c dagfix -f -n '__fish_seen_subcommand_from rules' -a '{}'
complete -c dagfix -n '__fish_seen_subcommand_from rules' -l format -x -a '{}'
complete -c dagfix -n '__fish_seen_subcommand_from graph' -l format -x -a '{}'
complete -c dagfix -n '__fish_seen_subcommand_from graph' -l dag -x -d 'only this DAG'
)",
      kShells, words.rules, rules_formats(), graph_formats());
  for (const OptionSpec& spec : option_specs()) {
    const std::string values = words.values_of(spec);
    std::string argument;
    if (!spec.value.empty()) argument = " -x";
    if (spec.complete == Complete::file) argument = " -r -F";
    if (spec.complete == Complete::folder) argument = " -x -a '(__fish_complete_directories)'";
    if (!values.empty()) argument = fmt::format(" -x -a '{}'", values);
    const std::string_view others = goes_with_graph(spec) ? "" : " graph";
    fmt::format_to(
        std::back_inserter(script),
        "complete -c dagfix -n 'not __fish_seen_subcommand_from doctor rules completion lsp{}' "
        "-l {}{} -d '{}'\n",
        others, spec.name, argument, quoted(spec.help, "\\"));
  }
  return script + doctor;
}

}  // namespace

std::expected<std::string, std::string> completion_command(std::span<const std::string> arguments) {
  if (arguments.size() != 1) {
    return std::unexpected("usage: dagfix completion bash|zsh|fish");
  }
  const auto book = RuleBook::load();
  if (!book) return std::unexpected(book.error());
  const Words words = words_of(*book);
  const std::string& shell = arguments.front();
  const auto doctor = doctor_completion();
  if (!doctor) return std::unexpected(doctor.error());
  if (shell == "bash") return bash_script(words, doctor->bash);
  if (shell == "zsh") return zsh_script(words, doctor->zsh);
  if (shell == "fish") return fish_script(words, doctor->fish);
  return std::unexpected(fmt::format("completion: '{}' is none of bash, zsh, fish", shell));
}

}  // namespace dagfix

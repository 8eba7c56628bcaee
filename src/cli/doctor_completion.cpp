#include "cli/doctor_completion.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <iterator>
#include <vector>

#include "cli/doctor_options.hpp"
#include "runtime/guide.hpp"
#include "runtime/report/doctor_report.hpp"

namespace dagfix {

namespace {

using Offer = DoctorOption::Offer;

std::string phases() {
  std::vector<std::string_view> names;
  for (const runtime::Phase phase : runtime::kPhases) names.push_back(name_of(phase));
  return fmt::format("{}", fmt::join(names, " "));
}

struct Words {
  std::string guides;
  std::string steps;

  /// The values of an option; empty if it is no choice.
  std::string of(const DoctorOption& option) const {
    switch (option.offer) {
      case Offer::guide:
        return guides;
      case Offer::step:
        return steps;
      case Offer::phase:
        return phases();
      case Offer::format:
        return fmt::format("{}", fmt::join(runtime::kDoctorFormats, " "));
      default:
        return {};
    }
  }
};

std::string bash_lines(const Words& words) {
  std::string names;
  std::string cases;
  for (const DoctorOption& option : doctor_options()) {
    fmt::format_to(std::back_inserter(names), "{}--{}", names.empty() ? "" : " ", option.name);
    if (option.value.empty()) continue;
    std::string action = fmt::format("offer -W '{}'", words.of(option));
    if (option.offer == Offer::file) action = "compopt -o filenames; offer -f";
    if (option.offer == Offer::folder) action = "compopt -o filenames; offer -d";
    if (option.offer == Offer::answer) {
      action = fmt::format("compopt -o nospace; offer -S = -W '{}'", words.steps);
    }
    fmt::format_to(std::back_inserter(cases), "      --{}) {}; return ;;\n", option.name, action);
  }
  const std::string answers = fmt::format("{}", fmt::join(runtime::kAnswers, " "));
  // Bash takes the '=' of STEP=ANSWER for a word of its own.
  return fmt::format(R"(  if [[ ${{COMP_WORDS[1]}} == doctor && $COMP_CWORD -gt 1 ]]; then
    case $before in
{}      =) offer -W '{}'; return ;;
    esac
    if [[ $word == = ]]; then word=; offer -W '{}'; return; fi
    offer -W '{}'; return
  fi
)",
                     cases, answers, answers, names);
}

std::string zsh_case(const Words& words, const std::vector<std::string>& answers) {
  std::string text = "      doctor)\n        _arguments -S \\\n";
  for (const DoctorOption& option : doctor_options()) {
    std::string action = fmt::format("({})", words.of(option));
    if (option.offer == Offer::file) action = "_files";
    if (option.offer == Offer::folder) action = "_files -/";
    if (option.offer == Offer::answer) action = fmt::format("({})", fmt::join(answers, " "));
    std::string help;
    for (const char c : option.help) {
      if (c == '\'') {
        help += R"('\'')";
      } else {
        help += c == '[' || c == ']' || c == ':' ? std::string{'\\', c} : std::string(1, c);
      }
    }
    fmt::format_to(std::back_inserter(text), "          '{}--{}[{}]{}' \\\n",
                   option.offer == Offer::answer ? "*" : "", option.name, help,
                   option.value.empty() ? "" : fmt::format(":{}:{}", option.value, action));
  }
  return text + "          ;\n        return ;;\n";
}

std::string fish_lines(const Words& words, const std::vector<std::string>& answers) {
  std::string text;
  for (const DoctorOption& option : doctor_options()) {
    std::string argument;
    if (!option.value.empty()) argument = " -x";
    if (option.offer == Offer::file) argument = " -r -F";
    if (option.offer == Offer::folder) argument = " -x -a '(__fish_complete_directories)'";
    if (option.offer == Offer::answer)
      argument = fmt::format(" -x -a '{}'", fmt::join(answers, " "));
    if (const std::string values = words.of(option); !values.empty()) {
      argument = fmt::format(" -x -a '{}'", values);
    }
    std::string help;
    for (const char c : option.help) help += c == '\'' ? std::string(R"(\')") : std::string(1, c);
    fmt::format_to(std::back_inserter(text),
                   "complete -c dagfix -n '__fish_seen_subcommand_from doctor' -l {}{} -d '{}'\n",
                   option.name, argument, help);
  }
  return text;
}

}  // namespace

std::expected<DoctorCompletion, std::string> doctor_completion() {
  const auto book = runtime::GuideBook::load();
  if (!book) return std::unexpected(book.error());
  std::vector<std::string_view> guides;
  std::vector<std::string_view> steps;
  std::vector<std::string> answers;
  for (const runtime::Guide& guide : book->guides()) {
    guides.push_back(guide.name);
    for (const runtime::StepInfo& step : guide.steps) {
      steps.push_back(step.id);
      for (const std::string_view answer : runtime::kAnswers) {
        answers.push_back(fmt::format("{}={}", step.id, answer));
      }
    }
  }
  const Words words{fmt::format("{}", fmt::join(guides, " ")),
                    fmt::format("{}", fmt::join(steps, " "))};
  return DoctorCompletion{bash_lines(words), zsh_case(words, answers), fish_lines(words, answers)};
}

}  // namespace dagfix

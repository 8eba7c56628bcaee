#include "runtime/report/guide_page.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "report/unicode.hpp"

namespace dagfix::runtime {

namespace {

std::string phases_of(const StepInfo& step) {
  std::vector<std::string_view> names;
  for (const Phase phase : step.phases) names.push_back(name_of(phase));
  return names.empty() ? "any" : fmt::format("{}", fmt::join(names, ", "));
}

std::vector<const TrapInfo*> traps_of(const Guide& guide, std::string_view step) {
  std::vector<const TrapInfo*> traps;
  for (const TrapInfo& trap : guide.traps) {
    if (std::ranges::find(trap.steps, step) != trap.steps.end()) traps.push_back(&trap);
  }
  return traps;
}

/// Text in a cell of a Markdown table.
std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text)
    out += c == '|' ? std::string("\\|") : std::string(1, c == '\n' ? ' ' : c);
  return out;
}

/// A name alone, but for one of the profile, stands for commands that are made on the spot.
std::string shown_command(const std::string& command) {
  const bool is_list =
      command.starts_with('{') && command.ends_with('}') && command != "{deploy-script}";
  return is_list ? "(the report has the commands)" : command;
}

/// For a terminal: a label, and the text behind it, indented where it goes on.
void add_lines(std::string& page, std::string_view label, std::string_view text) {
  constexpr std::size_t kWidth = 80;
  std::string begin(label);
  std::string plain(text);
  std::ranges::replace(plain, '\n', ' ');
  for (const std::string& line : wrap(plain, kWidth - std::min<std::size_t>(label.size(), 40))) {
    page += begin + line + '\n';
    begin.assign(std::min<std::size_t>(label.size(), 8), ' ');
  }
}

void add_step(const Guide& guide, const StepInfo& step, std::string& page) {
  const auto out = std::back_inserter(page);
  fmt::format_to(out, "\n## {} {}\n\n{}\n\n", step.id, step.title, step.what);
  fmt::format_to(out, "- In the guide: {}\n- Kind: {}\n- Phase: {}\n", step.number,
                 name_of(step.kind), phases_of(step));
  if (!step.needs.empty()) fmt::format_to(out, "- After: {}\n", fmt::join(step.needs, ", "));
  if (!step.gate.empty())
    fmt::format_to(out, "- Must be done before: {}\n", fmt::join(step.gate, ", "));
  if (!step.reads.empty()) fmt::format_to(out, "- Looks at: `{}`\n", fmt::join(step.reads, "`, `"));
  if (step.needs_baseline) page += "- Compares with a bundle from before (`--baseline`)\n";
  if (!step.question.empty()) fmt::format_to(out, "- Question: {}\n", step.question);
  if (!step.docs.empty()) fmt::format_to(out, "- Sources: `{}`\n", fmt::join(step.docs, "`, `"));
  if (!step.outcomes.empty()) page += "\n| verdict | when | what to do |\n|---|---|---|\n";
  for (const Outcome& outcome : step.outcomes) {
    std::string help = outcome.remedy;
    for (const std::string& command : outcome.commands) {
      const std::string shown = shown_command(command);
      const std::string_view mark = shown.starts_with('(') ? "" : "`";
      fmt::format_to(std::back_inserter(help), "{0}{1}{2}{1}", help.empty() ? "" : " ", mark,
                     shown);
    }
    fmt::format_to(out, "| {} | {} | {} |\n", title_of(outcome.verdict), cell(outcome.say),
                   cell(help));
  }
  const auto traps = traps_of(guide, step.id);
  if (!traps.empty()) page += "\nTraps:\n\n";
  for (const TrapInfo* trap : traps) {
    fmt::format_to(out, "- **{}** ({}{}): {} {}\n", trap->id, name_of(trap->severity),
                   trap->is_checked ? ", checked" : ", asked", trap->problem, trap->advice);
  }
}

}  // namespace

std::string guide_list_text(const GuideBook& book, std::string_view only) {
  std::string text;
  const auto out = std::back_inserter(text);
  for (const Guide& guide : book.guides()) {
    if (!only.empty() && guide.name != only) continue;
    fmt::format_to(out, "{}{}  {}\n", text.empty() ? "" : "\n", guide.name, guide.title);
    for (const StepInfo& step : guide.steps) {
      fmt::format_to(out, "  {:8} {:7} {:18} {}\n", step.id, name_of(step.kind), phases_of(step),
                     step.title);
    }
  }
  return text;
}

std::string step_page_text(const Guide& guide, const StepInfo& step) {
  std::string page = fmt::format("{} {}\n\n", step.id, step.title);
  add_lines(page, "", step.what);
  page += '\n';
  add_lines(page, "guide: ", fmt::format("{}, {}", guide.name, step.number));
  add_lines(page, "phase: ", phases_of(step));
  const auto list = [&](std::string_view label, const std::vector<std::string>& names) {
    if (!names.empty()) add_lines(page, label, fmt::format("{}", fmt::join(names, ", ")));
  };
  list("after: ", step.needs);
  list("must be done before: ", step.gate);
  list("looks at: ", step.reads);
  if (step.needs_baseline) add_lines(page, "compares with: ", "a bundle from before (--baseline)");
  if (!step.question.empty()) add_lines(page, "question: ", step.question);
  list("sources: ", step.docs);
  for (const Outcome& outcome : step.outcomes) {
    page += '\n';
    add_lines(page, fmt::format("{}: ", title_of(outcome.verdict)), outcome.say);
    if (!outcome.remedy.empty()) add_lines(page, "  help: ", outcome.remedy);
    for (const std::string& command : outcome.commands) {
      page += fmt::format("  $ {}\n", shown_command(command));
    }
  }
  const auto traps = traps_of(guide, step.id);
  if (!traps.empty()) page += '\n';
  for (const TrapInfo* trap : traps) {
    add_lines(page, fmt::format("trap {} ({}): ", trap->id, name_of(trap->severity)),
              fmt::format("{} {}", trap->problem, trap->advice));
  }
  return page;
}

std::string guide_page_markdown(const Guide& guide) {
  std::string page = fmt::format(
      "# {}\n\n{}\n\nThis page is made from [rules/runtime/{}](../../rules/runtime/{}). How to run "
      "the check: "
      "[runtime-checks.md](../runtime-checks.md).\n\n| step | kind | phase | title "
      "|\n|---|---|---|---|\n",
      guide.title, guide.intro, guide.name, guide.name);
  for (const StepInfo& step : guide.steps) {
    fmt::format_to(std::back_inserter(page), "| {} | {} | {} | {} |\n", step.id, name_of(step.kind),
                   phases_of(step), cell(step.title));
  }
  for (const StepInfo& step : guide.steps) add_step(guide, step, page);
  return page;
}

}  // namespace dagfix::runtime

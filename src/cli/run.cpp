#include "cli/run.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <set>
#include <thread>

#include "cli/driver.hpp"
#include "cli/files.hpp"
#include "cli/options.hpp"
#include "cli/output.hpp"
#include "cli/walk.hpp"
#include "report/report.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kDefaultTo = "0.5.3";

struct UsageError {
  std::string message;
};

template <typename T>
T value_or_throw(std::expected<T, std::string>&& result) {
  if (!result) throw UsageError{std::move(result.error())};
  return *std::move(result);
}

std::string format(const Report& report, const Settings& settings, TextStyle style) {
  const std::string_view name = settings.format ? std::string_view(*settings.format) : "text";
  if (name == "concise") return format_concise(report, style);
  if (name == "json") return format_json(report);
  if (name == "sarif") return format_sarif(report);
  if (name == "github") return format_github(report);
  if (name == "gitlab") return format_gitlab(report);
  if (name == "junit") return format_junit(report);
  return format_text(report, style);
}

Job make_job(const Settings& settings, const RuleBook& book) {
  Job job;
  if (settings.diff) job.mode = Mode::diff;
  if (settings.apply) job.mode = Mode::apply;
  if (settings.from) {
    job.from = value_or_throw(book.version(*settings.from, RuleBook::Series::oldest));
  }
  job.to = value_or_throw(
      book.version(settings.to.value_or(std::string(kDefaultTo)), RuleBook::Series::newest));
  job.selection = {settings.select, settings.ignore};
  job.most = settings.unsafe_fixes.value_or(false) ? Safety::unsafe : Safety::safe;
  job.jobs = settings.jobs.value_or(std::max(1u, std::thread::hardware_concurrency()));
  job.root = std::filesystem::current_path().string();
  return job;
}

ExitCode check_files(const CommandLine& line) {
  const RuleBook book = value_or_throw(RuleBook::load());
  const Job job = make_job(line.settings, book);
  WalkOptions walk;
  walk.excludes = line.settings.exclude;
  const std::vector<std::string> paths =
      line.paths.empty() ? std::vector<std::string>{"."} : line.paths;
  CollectedFiles collected = collect_files(paths, walk);
  const std::set<std::string> given(paths.begin(), paths.end());
  std::vector<Input> inputs;
  for (std::string& path : collected.files) {
    const bool is_given = given.contains(path);
    inputs.push_back({std::move(path), is_given, {}});
  }
  Outcome outcome = value_or_throw(run_job(job, book, std::move(inputs), {}));
  for (PathMessage& failure : collected.failures) {
    outcome.report.failures.push_back({std::move(failure.path), std::move(failure.message)});
  }
  for (const Rewrite& rewrite : outcome.rewrites) {
    if (auto done = write_atomically(rewrite.path, rewrite.new_bytes, rewrite.old_bytes); !done) {
      outcome.report.failures.push_back({rewrite.path, done.error()});
    }
  }
  for (const Failure& failure : outcome.report.failures) {
    say(fmt::format("{}: {}", failure.path, failure.message));
  }
  for (const std::string& bug : outcome.bugs) say(bug);
  const bool is_diff = job.mode == Mode::diff;
  const std::string text = is_diff ? outcome.diff : format(outcome.report, line.settings, {});
  value_or_throw(write_stdout(text));
  if (!outcome.report.failures.empty() || !outcome.bugs.empty()) return ExitCode::failure;
  return outcome.report.files.empty() ? ExitCode::clean : ExitCode::findings;
}

}  // namespace

ExitCode run(std::span<const std::string> arguments) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return check_files(value_or_throw(parse_command_line(arguments)));
  } catch (const UsageError& error) {
    say(error.message);
  } catch (const std::bad_alloc&) {
    say("out of memory");
  } catch (const std::exception& error) {
    say(fmt::format("internal error: {}", error.what()));
  }
  return ExitCode::failure;
}

}  // namespace dagfix

#include "cli/session.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <optional>
#include <vector>

#include "cli/apply.hpp"
#include "cli/baseline.hpp"
#include "cli/driver.hpp"
#include "cli/files.hpp"
#include "cli/inputs.hpp"
#include "cli/job.hpp"
#include "cli/output.hpp"
#include "cli/prepare.hpp"
#include "cli/progress.hpp"
#include "cli/rule_files.hpp"
#include "cli/show.hpp"
#include "cli/terminal.hpp"
#include "syntax/prepare.hpp"

namespace dagfix {

namespace {

/// One run, from the files to the exit code.
class Session {
 public:
  Session(const CommandLine& line, const Job& job, RuleSet rules, Inputs inputs)
      : settings_(line.settings),
        job_(job),
        rules_(std::move(rules)),
        inputs_(std::move(inputs)),
        is_filter_(is_stdin(line) && job.mode == Mode::apply),
        terminal_(find_terminal(settings_.no_color.value_or(false))) {}

  std::expected<ExitCode, std::string> run() {
    if (settings_.baseline && !settings_.write_baseline) {
      if (auto loaded = load_baseline(*settings_.baseline); !loaded) {
        return std::unexpected(loaded.error());
      }
    }
    if (auto done = analyze_inputs(); !done) return std::unexpected(done.error());
    tell_failures();
    if (settings_.write_baseline) return write_baseline(*settings_.write_baseline);
    if (baseline_) hide_baseline();
    const auto printed = print();
    // What was written has to be told also if the report could not be.
    if (backup_ && !is_quiet()) say(fmt::format("the old files are in {}", *backup_));
    if (!printed) return std::unexpected(printed.error());
    return exit_code();
  }

 private:
  std::expected<void, std::string> load_baseline(const std::string& path) {
    const auto text = read_file(path);
    if (!text) return std::unexpected(fmt::format("{}: {}", path, text.error()));
    auto baseline = parse_baseline(*text);
    if (!baseline) return std::unexpected(fmt::format("{}: {}", path, baseline.error()));
    baseline_ = *std::move(baseline);
    return {};
  }

  std::expected<void, std::string> analyze_inputs() {
    if (baseline_) {
      for (const Input& input : inputs_.files) {
        if (!input.is_sibling) seen_.push_back(input.path);
      }
    }
    if (is_filter_ && !inputs_.files.empty()) filtered_ = *inputs_.files.front().bytes;
    Progress progress(terminal_.is_error_terminal);
    auto outcome =
        run_job(job_, std::move(rules_), std::move(inputs_.files),
                [this](std::span<const Rewrite> rewrites) { return write(rewrites); },
                {[&](std::string_view phase, std::size_t steps) { progress.begin(phase, steps); },
                 [&] { progress.step(); }});
    if (!outcome) return std::unexpected(outcome.error());
    outcome_ = *std::move(outcome);
    auto& failures = outcome_.report.failures;
    for (PathMessage& failure : inputs_.failures) {
      failures.push_back({std::move(failure.path), std::move(failure.message)});
    }
    std::ranges::stable_sort(failures, {}, &Failure::path);
    return {};
  }

  std::vector<std::optional<std::string>> write(std::span<const Rewrite> rewrites) {
    if (is_filter_) {
      if (!rewrites.empty()) filtered_ = rewrites.front().new_bytes;
      return std::vector<std::optional<std::string>>(rewrites.size());
    }
    Written written = write_files(rewrites, job_.jobs);
    backup_ = std::move(written.backup);
    warning_ = std::move(written.warning);
    return std::move(written.errors);
  }

  void tell_failures() const {
    if (warning_) say(*warning_);
    for (const PathMessage& warning : inputs_.warnings) {
      say(fmt::format("{}: {}", warning.path, warning.message));
    }
    for (const Failure& failure : outcome_.report.failures) {
      say(fmt::format("{}: {}", failure.path, failure.message));
    }
    for (const std::string& bug : outcome_.bugs) say(fmt::format("bug of dagfix: {}", bug));
  }

  std::string baseline_folder(const std::string& file) const {
    namespace fs = std::filesystem;
    return (fs::path(job_.root) / file).lexically_normal().parent_path().string();
  }

  std::expected<ExitCode, std::string> write_baseline(const std::string& path) const {
    const Baseline counts = count_findings(outcome_.report, baseline_folder(path));
    if (auto written = write_output(path, format_baseline(counts)); !written) {
      return std::unexpected(fmt::format("{}: {}", path, written.error()));
    }
    std::size_t findings = 0;
    for (const FileReport& file : outcome_.report.files) findings += file.findings.size();
    if (!is_quiet()) {
      say(fmt::format("{}: counts {} finding{} in {} file{}", path, findings,
                      findings == 1 ? "" : "s", counts.size(), counts.size() == 1 ? "" : "s"));
    }
    return has_failed() ? ExitCode::failure : ExitCode::clean;
  }

  void hide_baseline() {
    for (const Failure& failure : outcome_.report.failures) std::erase(seen_, failure.path);
    const std::string& path = *settings_.baseline;
    const BaselineNotes notes =
        hide_known(outcome_.report, *baseline_, baseline_folder(path), seen_);
    if (is_quiet()) return;
    for (const std::string& line : notes.exceeded) say(line);
    if (notes.hidden > 0) {
      say(fmt::format("{}: hides {} known finding{}", path, notes.hidden,
                      notes.hidden == 1 ? "" : "s"));
    }
    if (notes.stale > 0) {
      say(fmt::format(
          "{}: {} count{} more than there is now; --write-baseline brings it up to date", path,
          notes.stale == 1 ? "1 entry" : fmt::format("{} entries", notes.stale),
          notes.stale == 1 ? "s" : ""));
    }
  }

  std::expected<void, std::string> print() const {
    const Shown shown = show(outcome_, job_.mode, settings_, terminal_);
    if (is_filter_) {
      write_stderr(shown.output + shown.notes);
      return to_stdout(filtered_);
    }
    if (settings_.output) {
      if (auto written = write_output(*settings_.output, shown.output); !written) {
        return std::unexpected(fmt::format("{}: {}", *settings_.output, written.error()));
      }
    } else if (auto written = to_stdout(shown.output); !written) {
      return written;
    }
    write_stderr(shown.notes);
    return {};
  }

  static std::expected<void, std::string> to_stdout(std::string_view text) {
    if (auto written = write_stdout(text); !written) {
      return std::unexpected("standard output: " + written.error());
    }
    return {};
  }

  bool is_quiet() const { return settings_.quiet.value_or(false); }
  bool has_failed() const { return !outcome_.report.failures.empty() || !outcome_.bugs.empty(); }

  ExitCode exit_code() const {
    if (has_failed()) return ExitCode::failure;
    const bool is_clean = outcome_.report.files.empty() || settings_.exit_zero.value_or(false);
    return is_clean ? ExitCode::clean : ExitCode::findings;
  }

  const Settings& settings_;
  const Job& job_;
  RuleSet rules_;
  Inputs inputs_;
  bool is_filter_;  // standard input is fixed to standard output
  Terminal terminal_;
  std::optional<Baseline> baseline_;
  std::vector<std::string> seen_;
  std::string filtered_;
  std::optional<std::string> backup_;
  std::optional<std::string> warning_;
  Outcome outcome_;
};

/// The file to be written that is one of those to be read; a report of an earlier run may lie among
/// these, but no code.
std::optional<std::string> overwritten(const Settings& settings, const Inputs& inputs) {
  const auto plain = [](const std::string& path) {
    std::error_code ignored;
    return std::filesystem::absolute(path, ignored).lexically_normal();
  };
  for (const auto& written : {settings.output, settings.write_baseline}) {
    if (!written) continue;
    const auto file = plain(*written);
    for (const Input& input : inputs.files) {
      const bool is_code = input.is_given || input.path.ends_with(".py");
      if (is_code && plain(input.path) == file) return *written;
    }
  }
  return std::nullopt;
}

}  // namespace

std::expected<ExitCode, std::string> check_or_fix(const CommandLine& given) {
  CommandLine line = given;
  const auto exclude_root = add_config(line);
  if (!exclude_root) return std::unexpected(exclude_root.error());
  // Neither needs the other, and each takes some milliseconds.
  auto inputs = std::async([&] {
    Inputs collected = collect_inputs(line, *exclude_root);
    prepare_parser();
    return collected;
  });
  const auto book = load_rules(line.settings.rules);
  if (!book) return std::unexpected(book.error());
  auto job = make_job(line, *book);
  if (!job) return std::unexpected(job.error());
  auto rules = widest_rules(*job, *book);
  if (!rules) return std::unexpected(rules.error());
  job->walked = line.paths.empty() ? std::vector<std::string>{"."} : line.paths;
  Inputs collected = inputs.get();
  if (const auto file = overwritten(line.settings, collected)) {
    return std::unexpected(
        fmt::format("{}: is to be checked, so nothing else is written there", *file));
  }
  return Session(line, *job, *std::move(rules), std::move(collected)).run();
}

}  // namespace dagfix

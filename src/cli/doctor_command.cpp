#include "cli/doctor_command.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <stdlib.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>

#include "cli/did_you_mean.hpp"
#include "cli/doctor_dags.hpp"
#include "cli/doctor_files.hpp"
#include "cli/doctor_options.hpp"
#include "cli/output.hpp"
#include "cli/terminal.hpp"
#include "report/unicode.hpp"
#include "runtime/collect/collect.hpp"
#include "runtime/report/doctor_report.hpp"
#include "runtime/report/guide_page.hpp"

namespace dagfix {

namespace {

namespace fs = std::filesystem;

constexpr const char kHelp[] =
    R"(Checks the steps of Kaapana's upgrade guides on a platform, read-only.

Usage: dagfix doctor [OPTIONS]

Without --bundle it asks the platform itself.

{options}
Exit code
  0 all is done or not applicable, 1 something is to do, 2 dagfix could not work,
  3 something is broken or dangerous: stop, 4 nothing is wrong, but something could not be seen.

Examples
  dagfix doctor --list
  dagfix doctor --profile kaapana.toml
  dagfix doctor --collect before/         and, after the upgrade:
  dagfix doctor --baseline before/ --format markdown --output protocol.md
  dagfix doctor --bundle before/ --guide kaapana-0.4-to-0.5
)";

struct Request {
  std::string guide, profile, bundle, collect, baseline, phase, explain, attestations, waivers,
      output;
  std::string format = "text";
  std::vector<std::string> attest;
  bool list = false, allow_exec = false, no_color = false;
};

std::expected<Request, std::string> parse(std::span<const std::string> arguments) {
  Request request;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.add_option("--guide", request.guide);
  app.add_option("--profile", request.profile);
  app.add_option("--bundle", request.bundle);
  app.add_option("--collect", request.collect);
  app.add_option("--baseline", request.baseline);
  app.add_option("--phase", request.phase);
  app.add_option("--explain", request.explain);
  app.add_option("--attest", request.attest)->allow_extra_args(false);
  app.add_option("--attestations", request.attestations);
  app.add_option("--waivers", request.waivers);
  app.add_option("--format", request.format);
  app.add_option("--output", request.output);
  app.add_flag("--list", request.list);
  app.add_flag("--allow-exec", request.allow_exec);
  app.add_flag("--no-color", request.no_color);
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return std::unexpected(fmt::format("doctor: {}", error.what()));
  }
  if (const auto left = app.remaining(); !left.empty()) {
    return std::unexpected(
        fmt::format("doctor: unexpected {}; 'dagfix doctor --help' says more", left.front()));
  }
  if (std::ranges::find(runtime::kDoctorFormats, request.format) ==
      std::end(runtime::kDoctorFormats)) {
    return std::unexpected(fmt::format("--format: '{}' is none of {}", request.format,
                                       fmt::join(runtime::kDoctorFormats, ", ")));
  }
  if (!request.phase.empty() && !runtime::phase_named(request.phase)) {
    return std::unexpected(
        fmt::format("--phase: '{}' is none of before, down, nocluster, after", request.phase));
  }
  if (!request.collect.empty() && !request.bundle.empty()) {
    return std::unexpected("--collect and --bundle exclude each other");
  }
  return request;
}

/// Where a working copy of large answers lies while dagfix runs.
class WorkFolder {
 public:
  WorkFolder() {
    std::string name = (fs::temp_directory_path() / "dagfix-XXXXXX").string();
    if (::mkdtemp(name.data())) path_ = name;
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

runtime::Time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string who_am_i() {
  for (const char* const name : {"SUDO_USER", "USER", "LOGNAME"}) {
    if (const char* const value = std::getenv(name); value && *value) return value;
  }
  return fmt::format("uid {}", ::getuid());
}

std::vector<std::string_view> step_ids(const runtime::GuideBook& book) {
  std::vector<std::string_view> ids;
  for (const auto& guide : book.guides()) {
    for (const auto& step : guide.steps) ids.push_back(step.id);
  }
  return ids;
}

std::expected<void, std::string> check_step(const runtime::GuideBook& book, std::string_view id) {
  const auto ids = step_ids(book);
  if (std::ranges::find(ids, id) != ids.end()) return {};
  return std::unexpected(fmt::format("there is no step '{}'{}", id, did_you_mean(id, ids)));
}

/// What asks for the same report again.
std::string command_of(const Request& request) {
  std::string command = "dagfix doctor";
  for (const auto& [name, value] : {std::pair{"guide", &request.guide},
                                    {"profile", &request.profile},
                                    {"bundle", &request.bundle},
                                    {"baseline", &request.baseline},
                                    {"phase", &request.phase},
                                    {"attestations", &request.attestations},
                                    {"waivers", &request.waivers}}) {
    if (!value->empty()) command += fmt::format(" --{} {}", name, runtime::shell_quoted(*value));
  }
  return command;
}

/// Adds the answers of the command line to the file of answers.
std::expected<runtime::Attestations, std::string> attestations_of(const Request& request,
                                                                  const runtime::GuideBook& book) {
  std::string file = request.attestations;
  if (file.empty()) {
    const fs::path beside = fs::path(request.profile).parent_path();
    file = (beside / "dagfix-attestations.toml").string();
  }
  auto all = runtime::Attestations();
  if (auto loaded = load_attestations(file)) {
    all = *std::move(loaded);
  } else {
    return loaded;
  }
  for (const std::string& text : request.attest) {
    const auto equals = text.find('=');
    const std::string step = text.substr(0, equals);
    const std::string answer = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (!runtime::is_answer(answer)) {
      return std::unexpected(
          fmt::format("--attest: '{}' is not of the form STEP=ANSWER with one of {}", text,
                      fmt::join(runtime::kAnswers, ", ")));
    }
    if (auto checked = check_step(book, step); !checked) {
      return std::unexpected("--attest: " + checked.error());
    }
    all[step] = {answer, who_am_i(), now(), {}};
  }
  if (!request.attest.empty()) {
    if (auto saved = save_attestations(file, all); !saved) return std::unexpected(saved.error());
  }
  return all;
}

std::expected<void, std::string> deliver(const Request& request, std::string_view text) {
  if (request.output.empty()) {
    if (auto written = write_stdout(text); !written) {
      return std::unexpected("standard output: " + written.error());
    }
    return {};
  }
  if (auto written = write_output(request.output, text); !written) {
    return std::unexpected(fmt::format("{}: {}", request.output, written.error()));
  }
  return {};
}

std::expected<std::string, std::string> explain(const runtime::GuideBook& book,
                                                const Request& request) {
  if (auto checked = check_step(book, request.explain); !checked) {
    return std::unexpected("--explain: " + checked.error());
  }
  for (const auto& guide : book.guides()) {
    if (const auto* const step = guide.find(request.explain)) {
      return runtime::step_page_text(guide, *step);
    }
  }
  return std::unexpected("--explain: no such step");
}

std::expected<runtime::Bundle, std::string> ask_platform(const Request& request,
                                                         const runtime::Profile& profile,
                                                         const std::string& folder,
                                                         const Terminal& terminal) {
  runtime::CollectOptions options;
  options.guide = request.guide;
  options.work_folder = folder;
  options.allow_exec = request.allow_exec;
  options.time = now();
  const auto show = [&](std::string_view entry) {
    if (terminal.is_error_terminal) write_stderr(fmt::format("\r\x1b[Kasking: {}", entry));
  };
  auto bundle = runtime::collect(profile, options, show);
  if (terminal.is_error_terminal) write_stderr("\r\x1b[K");
  return bundle;
}

ExitCode exit_code(const runtime::DoctorReport& report) {
  return static_cast<ExitCode>(runtime::exit_code_of(report));
}

/// What --collect does: the bundle is written, nothing is judged.
std::expected<ExitCode, std::string> collect_only(const Request& request,
                                                  const runtime::Profile& profile,
                                                  const Terminal& terminal) {
  const WorkFolder work;
  auto bundle = ask_platform(request, profile, work.path(), terminal);
  if (!bundle) return std::unexpected(bundle.error());
  if (auto written = runtime::write_bundle(*bundle, request.collect); !written) {
    return std::unexpected(written.error());
  }
  std::size_t unseen = 0;
  for (const auto& [_, entry] : bundle->entries()) {
    const bool is_seen = entry.state == runtime::State::ok || entry.state == runtime::State::absent;
    unseen += is_seen ? 0 : 1;
  }
  say(fmt::format("{} answers are in {}, {} could not be had", bundle->entries().size() - unseen,
                  request.collect, unseen));
  return unseen == 0 ? ExitCode::clean : ExitCode::unseen;
}

std::expected<ExitCode, std::string> check(const Request& request, const runtime::GuideBook& book,
                                           const runtime::Profile& profile,
                                           const Terminal& terminal) {
  const WorkFolder work;
  auto bundle = request.bundle.empty() ? ask_platform(request, profile, work.path(), terminal)
                                       : runtime::load_bundle(request.bundle);
  if (!bundle) return std::unexpected(bundle.error());
  std::optional<runtime::Bundle> baseline;
  if (!request.baseline.empty()) {
    auto loaded = runtime::load_bundle(request.baseline);
    if (!loaded) return std::unexpected(loaded.error());
    baseline = *std::move(loaded);
  }
  auto attestations = attestations_of(request, book);
  if (!attestations) return std::unexpected(attestations.error());
  runtime::Waivers waivers;
  if (!request.waivers.empty()) {
    auto loaded = load_waivers(request.waivers);
    if (!loaded) return std::unexpected(loaded.error());
    waivers = *std::move(loaded);
  }
  for (const auto& [id, _] : waivers) {
    if (auto checked = check_step(book, id); !checked) {
      return std::unexpected(fmt::format("{}: {}", request.waivers, checked.error()));
    }
  }
  const runtime::JudgeRequest judged{*bundle,
                                     baseline ? &*baseline : nullptr,
                                     profile,
                                     request.guide,
                                     runtime::phase_named(request.phase),
                                     *std::move(attestations),
                                     std::move(waivers),
                                     now(),
                                     dag_checker(),
                                     command_of(request)};
  auto report = runtime::judge(judged, book);
  if (!report) return std::unexpected(report.error());
  const bool color = terminal.output_color && request.output.empty();
  const std::string text = runtime::format_doctor(*report, request.format, color);
  if (auto delivered = deliver(request, text); !delivered) {
    return std::unexpected(delivered.error());
  }
  return exit_code(*report);
}

}  // namespace

std::string doctor_help_page() {
  constexpr std::size_t kColumn = 30;
  std::string options;
  for (const DoctorOption& option : doctor_options()) {
    std::string begin = fmt::format("  --{} {}", option.name, option.value);
    for (const std::string& line : wrap(option.help, 96 - kColumn)) {
      fmt::format_to(std::back_inserter(options), "{:{}}{}\n", begin, kColumn, line);
      begin.clear();
    }
  }
  return fmt::format(kHelp, fmt::arg("options", options));
}

std::expected<ExitCode, std::string> doctor_command(std::span<const std::string> arguments) {
  const auto request = parse(arguments);
  if (!request) return std::unexpected(request.error());
  const auto book = runtime::GuideBook::load();
  if (!book) return std::unexpected(book.error());
  if (!request->guide.empty() && !book->find(request->guide)) {
    std::vector<std::string_view> names;
    for (const auto& guide : book->guides()) names.push_back(guide.name);
    return std::unexpected(fmt::format("--guide: there is no guide '{}'{}", request->guide,
                                       did_you_mean(request->guide, names)));
  }
  if (request->list || !request->explain.empty()) {
    const auto text =
        request->list ? runtime::guide_list_text(*book, request->guide) : explain(*book, *request);
    if (!text) return std::unexpected(text.error());
    if (auto delivered = deliver(*request, *text); !delivered) {
      return std::unexpected(delivered.error());
    }
    return ExitCode::clean;
  }
  runtime::Profile profile;
  if (!request->profile.empty()) {
    auto loaded = load_profile(request->profile);
    if (!loaded) return std::unexpected(loaded.error());
    profile = *std::move(loaded);
  }
  const Terminal terminal = find_terminal(request->no_color);
  return request->collect.empty() ? check(*request, *book, profile, terminal)
                                  : collect_only(*request, profile, terminal);
}

}  // namespace dagfix

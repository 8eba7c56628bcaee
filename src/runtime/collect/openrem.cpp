#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "runtime/collect/files.hpp"
#include "runtime/collect/services.hpp"
#include "runtime/collect/units.hpp"
#include "runtime/file.hpp"
#include "runtime/mask.hpp"

namespace dagfix::runtime {

namespace {

constexpr const char* kUnits = "units.txt";
constexpr const char* kProcesses = "processes.txt";
constexpr const char* kPackages = "pip-freeze.txt";
constexpr const char* kSettings = "local_settings.py";
constexpr const char* kVersion = "version.py";
constexpr const char* kHttp = "http_openrem.json";
constexpr std::uint64_t kMostMetadata = std::uint64_t{1} << 20;

std::vector<std::string> entries() {
  return {kUnits, kProcesses, kPackages, kSettings, kVersion, kHttp};
}

/// Names before and since 0.9.1, and what OpenREM works with.
std::vector<std::string> unit_names() {
  return {"openrem-celery.service",   "celery-openrem.service", "openrem-flower.service",
          "openrem-gunicorn.service", "orthanc.service",        "rabbitmq-server.service"};
}

/// Only processes of the services in question: others' arguments are nobody's business.
bool is_interesting(std::string_view arguments) {
  for (const char* const word : {"celery", "gunicorn", "openrem", "orthanc", "rabbitmq"}) {
    if (arguments.contains(word)) return true;
  }
  return false;
}

/// The arguments of a process in one line, without the values of options that name a secret.
std::string one_line(std::string_view arguments) {
  std::string line;
  bool is_secret = false;
  while (!arguments.empty()) {
    const auto end = std::min(arguments.find('\0'), arguments.size());
    const std::string_view argument = arguments.substr(0, end);
    line += line.empty() ? "" : " ";
    line += is_secret ? mask_value(argument) : std::string(argument);
    is_secret = argument.starts_with('-') && !argument.contains('=') && is_secret_key(argument);
    arguments.remove_prefix(std::min(end + 1, arguments.size()));
  }
  std::ranges::replace(line, '\n', ' ');
  return line;
}

std::string processes() {
  std::map<int, std::string> lines;
  const auto names = files_in("/proc", {"[0-9]*"});
  if (!names) return {};
  for (const std::string& name : *names) {
    int id = 0;
    const auto [stop, error] = std::from_chars(name.data(), name.data() + name.size(), id);
    if (error != std::errc{} || stop != name.data() + name.size()) continue;
    auto arguments = read_whole(fmt::format("/proc/{}/cmdline", name), kMostMetadata);
    if (!arguments || arguments->empty()) continue;
    if (is_interesting(*arguments)) lines[id] = one_line(*arguments);
  }
  std::string text = "PID COMMAND\n";
  for (const auto& [id, arguments] : lines) text += fmt::format("{} {}\n", id, arguments);
  return text;
}

/// The value of a header line "Name: value" of a package's metadata.
std::string header(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    // Behind an empty line comes the description.
    if (line.empty() || line == "\r") break;
    if (line.starts_with(name) && line.substr(name.size()).starts_with(": ")) {
      std::string_view value = line.substr(name.size() + 2);
      if (value.ends_with('\r')) value.remove_suffix(1);
      return std::string(value);
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return {};
}

/// "name==version" of each package in site-packages, from its own files.
std::expected<std::string, FolderProblem> packages_in(const std::string& folder) {
  auto names = files_in(folder, {"*.dist-info", "*.egg-info"});
  if (!names) return std::unexpected(names.error());
  std::set<std::string> lines;
  for (const std::string& name : *names) {
    const std::string place = fmt::format("{}/{}", folder, name);
    auto text = read_whole(place + "/METADATA", kMostMetadata);
    if (!text) text = read_whole(place + "/PKG-INFO", kMostMetadata);
    if (!text) text = read_whole(place, kMostMetadata);
    if (!text) continue;
    const std::string package = header(*text, "Name");
    if (!package.empty()) lines.insert(fmt::format("{}=={}\n", package, header(*text, "Version")));
  }
  return fmt::format("{}", fmt::join(lines, ""));
}

void ask_web(const ProbeContext& context, Findings& findings) {
  auto options = service_options(context, "openrem");
  if (!options) return findings.fail(kHttp, State::unreachable, options.error());
  HttpClient client(*std::move(options));
  const HttpAnswer answer = client.get("/");
  if (answer.status == 0) return findings.fail(kHttp, answer.state, answer.evidence);
  Json json = {{"status", answer.status}};
  if (!answer.location.empty()) json["location"] = answer.location;
  findings.put(kHttp, json.dump(), answer.evidence);
}

void ask_folder(const std::string& folder, const ProbeContext& context, Findings& findings) {
  if (folder.empty()) {
    return fail_all(findings, {kPackages, kSettings, kVersion}, State::unreachable,
                    "not asked: set openrem.folder");
  }
  const std::string packages = folder.substr(0, folder.rfind('/'));
  if (auto text = packages_in(packages)) {
    findings.put(kPackages, *std::move(text), "METADATA and PKG-INFO in " + packages);
  } else {
    findings.fail(kPackages, text.error().state, text.error().evidence);
  }
  put_small(findings, kSettings, openrem_settings_file(context.profile));
  put_small(findings, kVersion, folder + "/remapp/version.py");
}

void ask_openrem(const ProbeContext& context, Findings& findings) {
  findings.asking(kUnits);
  UnitsAnswer units = read_units(unit_names());
  if (units.state == State::ok) {
    findings.put(kUnits, std::move(units.text), "systemd, over D-Bus");
  } else {
    findings.fail(kUnits, units.state, units.evidence);
  }
  findings.asking(kProcesses);
  findings.put(kProcesses, processes(), "/proc/*/cmdline");
  findings.asking(kPackages);
  ask_folder(context.profile.get("openrem.folder"), context, findings);
  findings.asking(kHttp);
  ask_web(context, findings);
}

}  // namespace

std::string openrem_settings_file(const Profile& profile) {
  const std::string& given = profile.get("openrem.settings");
  if (!given.empty()) return given;
  return profile.get("openrem.folder") + "/openremproject/local_settings.py";
}

Probe openrem_probe() { return {"openrem", entries(), ask_openrem}; }

}  // namespace dagfix::runtime

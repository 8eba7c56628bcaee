#include "runtime/steps/openrem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace dagfix::runtime {

Answer<std::string> openrem_folder(const Step& step) {
  const std::string& folder = step.profile().get("openrem.folder");
  if (!folder.empty()) return folder;
  return Unseen{State::unreachable, "profile", "openrem.folder is not set: where is OpenREM?"};
}

Answer<FileInfo> openrem_file(const Step& step, std::string_view name) {
  const auto folder = openrem_folder(step);
  if (!folder.is_ok()) return folder.map([](const std::string&) { return FileInfo(); });
  return step.files().find(join(*folder, name));
}

Answer<Time> code_time(const Step& step) {
  const auto task = openrem_file(step, "remapp/tools/populate_summary.py");
  if (!task.is_ok()) return task.map([](const auto&) { return Time(); });
  const auto folder = openrem_folder(step);
  const auto files = step.files().children(join(*folder, "remapp/migrations"));
  Time newest = task->modified;
  if (files.is_ok()) {
    for (const FileInfo& file : *files) newest = std::max(newest, file.modified);
  }
  return newest;
}

std::optional<OpenRemVersion> parse_openrem_version(std::string_view text) {
  OpenRemVersion found;
  std::uint16_t* const parts[] = {&found.version.major, &found.version.minor, &found.version.patch};
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  int count = 0;
  for (std::uint16_t* part : parts) {
    const auto [stop, error] = std::from_chars(at, end, *part);
    if (error != std::errc{}) break;
    ++count;
    at = stop;
    if (at == end || *at != '.') break;
    ++at;
  }
  if (count < 2) return std::nullopt;
  found.is_test = at != end;
  return found;
}

Truth has_new_openrem(const Step& step) {
  return OpenRem(step.now().bundle()).package_version().test([](const std::string& text) {
    const auto found = parse_openrem_version(text);
    return found && found->version >= Version{0, 10, 0};
  });
}

Answer<OpenRem::Unit> celery_unit(const Step& step) {
  const OpenRem host(step.now().bundle());
  auto unit = host.unit("openrem-celery.service");
  return unit.is_absent() ? host.unit("celery-openrem.service") : unit;
}

Truth celery_runs(const Step& step) {
  const OpenRem host(step.now().bundle());
  return celery_unit(step).test([](const OpenRem::Unit& unit) { return unit.is_active(); }) ||
         host.has_process({"celery", "openremproject"});
}

std::vector<Pending> pending_summaries(const Platform& platform) {
  std::vector<Pending> all;
  for (const std::string_view modality : {"CT", "RF", "DX", "MG"}) {
    std::string name(modality);
    for (char& c : name) c = static_cast<char>(c + ('a' - 'A'));
    all.push_back({modality, platform.sql().count("openrem", fmt::format("{}-pending", name)),
                   platform.sql().count("openrem", fmt::format("{}-count", name))});
  }
  return all;
}

}  // namespace dagfix::runtime

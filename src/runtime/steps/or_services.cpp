#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/steps/common.hpp"
#include "runtime/steps/openrem.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::string_view kReversePath = "js/django_reverse/reverse.js";

/// Whether the site is below a path of its server.
Truth has_virtual_directory(const Step& step) {
  return OpenRem(step.now().bundle()).setting("VIRTUAL_DIRECTORY").test([](const auto& value) {
    return !value.empty();
  });
}

/// Where static files go; absent if it is not set.
Answer<std::string> static_root(const Step& step) {
  auto root = OpenRem(step.now().bundle()).setting("STATIC_ROOT");
  if (root.is_ok() && root->empty()) return Answer<std::string>::absent();
  return root;
}

/// "os.path.join(STATIC_ROOT,'js','django_reverse')": without spaces and a comment, one kind of
/// quotes.
std::string plain(std::string_view value) {
  std::string result;
  for (const char c : value.substr(0, value.find('#'))) {
    if (c != ' ' && c != '\t') result += c == '"' ? '\'' : c;
  }
  return result;
}

/// Files of the package whose copy is missing or has another size.
struct Copies {
  std::vector<std::string> different;
  std::size_t same = 0;
};

Answer<Copies> compare_static(const Step& step, const std::string& root) {
  const auto folder = openrem_folder(step);
  if (!folder.is_ok()) return folder.map([](const auto&) { return Copies(); });
  const std::string source = join(*folder, "remapp/static");
  const auto originals = step.files().below(source);
  const auto copies = step.files().below(root);
  if (copies.is_unseen()) return copies.unseen();
  return originals.map([&](const std::vector<FileInfo>& files) {
    Copies result;
    for (const FileInfo& file : files) {
      if (file.type != 'f') continue;
      const std::string name(file.path.substr(source.size() + 1));
      const auto copy = step.files().find(join(root, name));
      if (copy.is_ok() && copy->size == file.size) {
        ++result.same;
      } else {
        result.different.push_back(name);
      }
    }
    return result;
  });
}

/// The newest file that the upgrade made: code, and migrations.
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

/// Services that somebody has installed, by their state.
struct Services {
  Truth seen = true;
  std::vector<std::string> failed;
  std::vector<std::string> stopped;
};

Services look_at(const Step& step, std::initializer_list<std::string_view> names) {
  Services services;
  const OpenRem host(step.now().bundle());
  for (const std::string_view name : names) {
    const auto unit = name == "openrem-celery.service" ? celery_unit(step) : host.unit(name);
    if (unit.is_unseen()) services.seen = services.seen && unit.exists();
    if (!unit.is_ok()) continue;
    if (unit->state == "failed") services.failed.push_back(unit->name);
    if (unit->state != "failed" && !unit->is_active()) services.stopped.push_back(unit->name);
  }
  return services;
}

std::vector<std::string> start_commands(const Services& services) {
  std::vector<std::string> commands;
  for (const auto* const list : {&services.stopped, &services.failed}) {
    for (const std::string& name : *list) {
      commands.push_back("sudo systemctl restart " + shell_quoted(name));
    }
  }
  return commands;
}

}  // namespace

void judge_or_7(Step& step) {
  const auto root = static_root(step);
  const std::string place = root.is_ok() ? *root : std::string();
  const auto copies =
      root.is_ok() ? compare_static(step, place) : root.map([](const auto&) { return Copies(); });
  const Truth has_admin = root.is_ok() ? step.files().exists(join(place, "admin")) : root.exists();
  step.set("root", place);
  step.set("different", copies.is_ok() ? some_of(copies->different) : std::string());
  const Truth is_new = has_new_openrem(step);
  step.decide("not-set", !root.exists());
  step.decide("not-installed", !is_new);
  step.decide("emptied", copies.exists() && !has_admin);
  step.decide("old", copies.test([](const Copies& found) { return !found.different.empty(); }));
  step.decide("collected", has_admin && copies.test([](const Copies& found) {
    return found.different.empty() && found.same > 0;
  }));
}

void judge_or_8a(Step& step) {
  const Truth is_virtual = has_virtual_directory(step);
  const auto statements = OpenRem(step.now().bundle()).settings();
  bool has_os = false;
  bool knows_os = false;
  std::ptrdiff_t root = -1;
  std::ptrdiff_t path = -1;
  std::string value;
  if (statements.is_ok()) {
    for (std::size_t i = 0; i < statements->size(); ++i) {
      const auto& statement = (*statements)[i];
      // The settings that are imported with a star have imported os themselves.
      if (statement.value.starts_with("import os") ||
          statement.value.contains("settings import *")) {
        has_os = has_os || statement.name.empty();
      }
      if (statement.name == "STATIC_ROOT") root = static_cast<std::ptrdiff_t>(i);
      if (statement.name != "JS_REVERSE_OUTPUT_PATH") continue;
      path = static_cast<std::ptrdiff_t>(i);
      value = plain(statement.value);
      knows_os = has_os;
    }
  }
  const Truth seen = statements.exists() && is_virtual;
  step.decide("not-needed", !is_virtual);
  step.decide("missing", seen && Truth(path < 0));
  step.decide("before-root", seen && Truth(path < root));
  step.decide("other-value",
              seen && Truth(value != "os.path.join(STATIC_ROOT,'js','django_reverse')"));
  step.decide("no-os", seen && Truth(!knows_os));
  step.decide("set", seen);
  step.trap("R5", seen && Truth(path >= 0 && !knows_os));
}

void judge_or_8b(Step& step) {
  const Truth is_virtual = has_virtual_directory(step);
  const auto root = static_root(step);
  const auto made = root.is_ok() ? step.files().find(join(*root, kReversePath))
                                 : root.map([](const auto&) { return FileInfo(); });
  const Truth has_other = openrem_file(step, kReversePath).exists() ||
                          openrem_file(step, "remapp/static/js/django_reverse/reverse.js").exists();
  const auto code = code_time(step);
  Truth is_old = made.exists() && code.exists();
  if (made.is_ok() && code.is_ok()) is_old = made->modified < *code;
  step.set("file", root.is_ok() ? join(*root, kReversePath) : std::string(kReversePath));
  step.decide("not-needed", !is_virtual);
  step.decide("elsewhere", is_virtual && !made.exists() && has_other);
  step.decide("missing", is_virtual && !made.exists());
  step.decide("old", is_virtual && made.exists() && is_old);
  step.decide("made", is_virtual && made.exists() && !is_old);
}

void judge_or_9(Step& step) {
  const OpenRem host(step.now().bundle());
  const Services services =
      look_at(step, {"openrem-celery.service", "orthanc.service", "openrem-gunicorn.service"});
  const auto web = host.unit("openrem-gunicorn.service");
  const auto code = code_time(step);
  Truth is_old = web.exists() && code.exists();
  if (web.is_ok() && code.is_ok()) {
    is_old = web->started ? Truth(*web->started < *code)
                          : Truth::unknown({State::malformed, "units.txt",
                                            "tells no time in UTC at which gunicorn started"});
  }
  const auto page = step.now().bundle().json("http_openrem.json");
  const Truth is_error = page.test(
      [](const Json& answer) { return answer.is_object() && answer.value("status", 0) >= 500; });
  step.set("failed", some_of(services.failed));
  step.set("stopped", some_of(services.stopped));
  step.set_commands("start", start_commands(services));
  step.decide("not-installed", !has_new_openrem(step));
  step.decide("failed", services.seen && Truth(!services.failed.empty()));
  step.decide("stopped", services.seen && Truth(!services.stopped.empty()));
  step.decide("old-code", is_old);
  step.decide("error", is_error);
  step.decide("running", services.seen && web.exists() && !is_old);
}

void judge_or_10(Step& step) {
  const Services services = look_at(
      step, {"rabbitmq-server.service", "openrem-celery.service", "openrem-gunicorn.service"});
  const OpenRem host(step.now().bundle());
  Truth any = false;
  for (const char* const name : {"rabbitmq-server.service", "openrem-gunicorn.service"}) {
    any = any || host.unit(name).exists();
  }
  step.set("failed", some_of(services.failed));
  step.set("stopped", some_of(services.stopped));
  step.set_commands("start", start_commands(services));
  step.decide("failed", services.seen && Truth(!services.failed.empty()));
  step.decide("stopped", services.seen && Truth(!services.stopped.empty()));
  step.decide("no-worker", services.seen && any && !celery_runs(step));
  step.decide("running", services.seen && any && celery_runs(step));
}

}  // namespace dagfix::runtime

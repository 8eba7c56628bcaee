#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "runtime/steps/common.hpp"
#include "runtime/steps/openrem.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

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

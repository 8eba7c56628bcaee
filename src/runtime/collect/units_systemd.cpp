#include <fmt/format.h>
#include <systemd/sd-bus.h>

#include <chrono>
#include <cstring>
#include <memory>

#include "runtime/collect/units.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

namespace {

constexpr const char* kService = "org.freedesktop.systemd1";
constexpr const char* kPath = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr const char* kUnit = "org.freedesktop.systemd1.Unit";
constexpr const char* kServiceUnit = "org.freedesktop.systemd1.Service";
constexpr std::uint64_t kTimeout = 10'000'000;  // microseconds

using Bus = std::unique_ptr<sd_bus, decltype(&sd_bus_flush_close_unref)>;
using Message = std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)>;

/// Of one answer: the first thing that went wrong.
struct Problem {
  int error = 0;
  std::string text;
};

std::string text_property(sd_bus* bus, const char* path, const char* interface, const char* name) {
  char* value = nullptr;
  if (sd_bus_get_property_string(bus, kService, path, interface, name, nullptr, &value) < 0) {
    return {};
  }
  std::string text = value;
  std::free(value);
  return text;
}

/// "@1700000000", what `systemctl show --timestamp=unix` writes, is nothing parse_time() reads: RFC
/// 3339.
std::string time_property(sd_bus* bus, const char* path, const char* name) {
  std::uint64_t microseconds = 0;
  if (sd_bus_get_property_trivial(bus, kService, path, kUnit, name, nullptr, 't', &microseconds) <
          0 ||
      microseconds == 0) {
    return {};
  }
  return to_string(Time(std::chrono::seconds(microseconds / 1'000'000)));
}

std::uint32_t process_property(sd_bus* bus, const char* path) {
  std::uint32_t id = 0;
  sd_bus_get_property_trivial(bus, kService, path, kServiceUnit, "MainPID", nullptr, 'u', &id);
  return id;
}

/// The object path of a unit. LoadUnit is what `systemctl show` calls: it reads the unit's file if
/// it was not read yet, and starts nothing.
std::string path_of(sd_bus* bus, const std::string& name, Problem& problem) {
  sd_bus_error error = SD_BUS_ERROR_NULL;
  sd_bus_message* raw = nullptr;
  const int code = sd_bus_call_method(bus, kService, kPath, kManager, "LoadUnit", &error, &raw, "s",
                                      name.c_str());
  const Message reply(raw, &sd_bus_message_unref);
  const char* path = nullptr;
  if (code < 0) {
    problem = {-code, error.message ? error.message : std::strerror(-code)};
  } else if (sd_bus_message_read(reply.get(), "o", &path) < 0) {
    problem = {EBADMSG, "an answer of another form"};
  }
  sd_bus_error_free(&error);
  return path ? path : "";
}

std::string block_of(sd_bus* bus, const std::string& name, const std::string& path) {
  const auto unit = [&](const char* property) {
    return text_property(bus, path.c_str(), kUnit, property);
  };
  return fmt::format(
      "Id={}\nLoadState={}\nActiveState={}\nSubState={}\nActiveEnterTimestamp={}\nMainPID={}\n"
      "WorkingDirectory={}\n",
      name, unit("LoadState"), unit("ActiveState"), unit("SubState"),
      time_property(bus, path.c_str(), "ActiveEnterTimestamp"), process_property(bus, path.c_str()),
      text_property(bus, path.c_str(), kServiceUnit, "WorkingDirectory"));
}

}  // namespace

UnitsAnswer read_units(const std::vector<std::string>& names) {
  sd_bus* raw = nullptr;
  if (const int code = sd_bus_open_system(&raw); code < 0) {
    return {State::unreachable, fmt::format("system bus: {}", std::strerror(-code)), {}};
  }
  const Bus bus(raw, &sd_bus_flush_close_unref);
  sd_bus_set_method_call_timeout(bus.get(), kTimeout);
  UnitsAnswer answer;
  for (const std::string& name : names) {
    Problem problem;
    const std::string path = path_of(bus.get(), name, problem);
    if (problem.error != 0) {
      const bool is_denied = problem.error == EACCES || problem.error == EPERM;
      return {is_denied ? State::denied : State::unreachable,
              fmt::format("systemd: {}: {}", name, problem.text),
              {}};
    }
    if (!answer.text.empty()) answer.text += '\n';
    answer.text += block_of(bus.get(), name, path);
  }
  return answer;
}

}  // namespace dagfix::runtime

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

#include "runtime/collect/files.hpp"
#include "runtime/collect/http.hpp"
#include "runtime/file.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

namespace {

constexpr const char* kHost = "host.json";
constexpr const char* kStat = "fs/small/proc/stat";

/// Docker's socket: that of DOCKER_HOST, as docker's own programs have it, or the usual one.
std::string docker_socket() {
  constexpr std::string_view kUnix = "unix://";
  const char* const given = std::getenv("DOCKER_HOST");
  const std::string_view host = given ? given : "";
  return std::string(host.starts_with(kUnix) ? host.substr(kUnix.size()) : "/var/run/docker.sock");
}

/// The line "btime 1700000000" of /proc/stat; empty if there is none.
std::string boot_line() {
  const auto text = read_whole("/proc/stat", std::uint64_t{16} << 20);
  const auto at = text ? text->find("\nbtime ") : std::string::npos;
  if (at == std::string::npos) return {};
  return text->substr(at + 1, text->find('\n', at + 1) - at);
}

std::string boot_time(std::string_view line) {
  std::int64_t seconds = 0;
  std::from_chars(line.data() + line.find(' ') + 1, line.data() + line.size(), seconds);
  return to_string(Time(std::chrono::seconds(seconds)));
}

/// Names of docker's containers, also of stopped ones. Nothing if docker cannot be asked.
Json containers(const ProbeContext& context, const std::string& socket) {
  HttpOptions options;
  options.base = "http://docker";
  options.socket = socket;
  options.timeout = context.timeout;
  HttpClient client(std::move(options));
  const HttpAnswer answer = client.get("/containers/json?all=1");
  const Json list = Json::parse(answer.body, nullptr, false);
  if (answer.state != State::ok || !list.is_array()) return {};
  Json names = Json::array();
  for (const Json& container : list) {
    if (!container.is_object() || !container.contains("Names")) continue;
    for (const Json& name : container["Names"]) {
      if (!name.is_string()) continue;
      const auto& text = name.get_ref<const std::string&>();
      names.push_back(text.starts_with('/') ? text.substr(1) : text);
    }
  }
  return names;
}

void ask_host(const ProbeContext& context, Findings& findings) {
  findings.asking(kHost);
  Json host = {{"uid", ::geteuid()}};
  if (std::string line = boot_line(); !line.empty()) {
    host["boot_time"] = boot_time(line);
    // The rest of this file grows with the number of processors, and tells nothing.
    findings.put(kStat, std::move(line), "/proc/stat");
  }
  const std::string socket = docker_socket();
  struct stat status = {};
  host["docker"] = ::stat(socket.c_str(), &status) == 0 && S_ISSOCK(status.st_mode);
  if (host["docker"] == true && ::access(socket.c_str(), R_OK | W_OK) == 0) {
    if (Json names = containers(context, socket); names.is_array())
      host["containers"] = std::move(names);
  }
  findings.put(kHost, host.dump(), fmt::format("/proc/stat and {}", socket));
}

}  // namespace

Probe host_probe() { return {"host", {kHost}, ask_host}; }

}  // namespace dagfix::runtime

#include <fmt/format.h>
#include <sys/stat.h>

#include <set>

#include "runtime/collect/dump.hpp"
#include "runtime/collect/files.hpp"

namespace dagfix::runtime {

namespace {

constexpr const char* kDumps = "pg/dumps.json";
constexpr std::size_t kMostDumps = 200;

/// Folders where the guides put dumps.
std::set<std::string> dump_folders(const Profile& profile) {
  std::set<std::string> folders;
  const auto add = [&](const char* key, const char* below) {
    const std::string& path = profile.get(key);
    if (!path.empty()) folders.insert(path + below);
  };
  for (const char* const below : {"", "/dumps"}) {
    add("platform.migration", below);
    add("platform.backup", below);
  }
  add("platform.fast", "/backup");
  add("platform.slow", "/backup");
  add("platform.scripts", "");
  return folders;
}

Json to_json(const std::string& path, const DumpAnswer& answer) {
  Json json = {{"path", path}, {"state", name_of(answer.state)}};
  if (answer.state != State::ok) {
    json["evidence"] = answer.evidence;
    return json;
  }
  const DumpSummary& dump = answer.summary;
  json["size"] = dump.size;
  json["kind"] = dump.kind;
  json["head"] = dump.head;
  json["complete"] = dump.complete;
  json["crlf"] = dump.crlf;
  if (!dump.server_version.empty()) json["server_version"] = dump.server_version;
  json["tables"] = dump.tables;
  json["columns"] = dump.columns;
  return json;
}

bool is_script(std::string_view name) {
  return name.starts_with("update-5.") && name.ends_with("-psql.sql");
}

void ask_dumps(const ProbeContext& context, Findings& findings) {
  findings.asking(kDumps);
  Json dumps = Json::array();
  for (const std::string& folder : dump_folders(context.profile)) {
    const auto names = files_in(folder, {"*.sql", "*.dump", "*.bak"});
    if (!names) {
      const State state = names.error().state;
      if (state != State::absent) {
        dumps.push_back(
            {{"path", folder}, {"state", name_of(state)}, {"evidence", names.error().evidence}});
      }
      continue;
    }
    for (const std::string& name : *names) {
      if (is_script(name) || dumps.size() >= kMostDumps) continue;
      const std::string path = fmt::format("{}/{}", folder, name);
      findings.asking(path);
      dumps.push_back(to_json(path, read_dump(path, [&] { findings.asking({}); })));
    }
  }
  findings.put(kDumps, dumps.dump(-1, ' ', false, Json::error_handler_t::replace),
               "first and last lines, tables and rows of each dump");
}

}  // namespace

Probe dumps_probe() { return {"dumps", {kDumps}, ask_dumps}; }

}  // namespace dagfix::runtime

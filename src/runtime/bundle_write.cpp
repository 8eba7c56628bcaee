#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>

#include "runtime/bundle.hpp"
#include "runtime/file.hpp"
#include "runtime/mask.hpp"

namespace dagfix::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostMasked = std::uint64_t{64} << 20;

std::expected<void, std::string> make_folders(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return std::unexpected(fmt::format("{}: {}", folder.string(), error.message()));
  return {};
}

/// Writes one entry; its description for the manifest.
std::expected<Json, std::string> write_entry(const std::string& name, const Bundle::Entry& entry,
                                             const fs::path& folder) {
  Json json = Json::object();
  if (!entry.evidence.empty()) json["evidence"] = entry.evidence;
  if (!entry.taken_at.empty()) json["taken_at"] = entry.taken_at;
  if (entry.state != State::ok) {
    json["state"] = name_of(entry.state);
    return json;
  }
  const fs::path path = folder / name;
  if (auto made = make_folders(path.parent_path()); !made) return std::unexpected(made.error());
  std::string bytes = entry.bytes;
  if (!entry.file.empty()) {
    auto read = read_whole(
        entry.file, name == "fs/tree.tsv" || name == "minio/ls.txt" || name.starts_with("pg/")
                        ? UINT64_MAX
                        : kMostMasked);
    if (!read) return std::unexpected(fmt::format("{}: {}", entry.file, read.error()));
    bytes = masked(name, *std::move(read));
  }
  json["sha256"] = sha256(bytes);
  json["size"] = bytes.size();
  if (auto written = write_new(path.string(), bytes); !written) {
    return std::unexpected(fmt::format("{}: {}", path.string(), written.error()));
  }
  return json;
}

}  // namespace

std::expected<void, std::string> write_bundle(const Bundle& bundle, const std::string& folder) {
  std::error_code ignored;
  if (fs::exists(folder, ignored) && !fs::is_empty(folder, ignored)) {
    return std::unexpected(folder + ": is not empty; a bundle needs a folder of its own");
  }
  if (auto made = make_folders(folder); !made) return made;
  Json entries = Json::object();
  for (const auto& [name, entry] : bundle.entries()) {
    if (const auto problem = entry_name_problem(name); !problem.empty()) {
      return std::unexpected(fmt::format("the name of an entry {}", problem));
    }
    auto written = write_entry(name, entry, folder);
    if (!written) return std::unexpected(written.error());
    entries[name] = *std::move(written);
  }
  const Json manifest = {{"format", "dagfix-bundle"},        {"version", 1},
                         {"tool", bundle.info.tool},         {"host", bundle.info.host},
                         {"taken_at", bundle.info.taken_at}, {"phase", bundle.info.phase},
                         {"profile", bundle.info.profile},   {"entries", entries}};
  const std::string path = (fs::path(folder) / "MANIFEST.json").string();
  const std::string text = manifest.dump(2, ' ', false, Json::error_handler_t::replace) + '\n';
  if (auto written = write_new(path, text); !written) {
    return std::unexpected(fmt::format("{}: {}", path, written.error()));
  }
  return {};
}

}  // namespace dagfix::runtime

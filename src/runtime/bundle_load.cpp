#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "runtime/bundle.hpp"
#include "runtime/file.hpp"
#include "runtime/mask.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kManifest = "MANIFEST.json";
constexpr std::string_view kFormat = "dagfix-bundle";
constexpr std::uint64_t kMostManifest = std::uint64_t{16} << 20;
constexpr std::size_t kMostEntries = 100'000;
constexpr int kMostFolders = 64;

using Result = std::expected<void, std::string>;

std::uint64_t limit_of(std::string_view name) {
  if (name.starts_with("pg/")) return UINT64_MAX;
  const bool is_listing = name == "fs/tree.tsv" || name == "minio/ls.txt";
  return std::uint64_t{is_listing ? 4096u : 64u} << 20;
}

/// Takes text out of an object; nothing if the key is missing. Throws what is wrong.
std::string text_at(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (!found->is_string()) throw std::runtime_error(fmt::format("'{}' must be a string", key));
  return found->get<std::string>();
}

class Loader {
 public:
  explicit Loader(const std::string& folder) : folder_(folder) {}

  std::expected<Bundle, std::string> load() {
    if (auto listed = list(); !listed) return std::unexpected(listed.error());
    if (auto read = read_manifest(); !read) return std::unexpected(read.error());
    for (auto& [name, file] : files_) take(name, file);
    for (const auto& [name, _] : manifest_) {
      if (bundle_.find(name)) continue;
      bundle_.put_state(name, State::malformed, "MANIFEST.json has it, and there is no such file");
    }
    if (bundle_.info.taken_at.empty()) bundle_.info.taken_at = newest_;
    return std::move(bundle_);
  }

 private:
  Result list() {
    std::error_code error;
    const fs::file_status status = fs::symlink_status(folder_, error);
    if (!fs::exists(status)) return fail("there is no such folder");
    if (!fs::is_directory(fs::status(folder_, error))) return fail("is no folder");
    fs::recursive_directory_iterator entry(folder_, error);
    for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
      const std::string name = entry->path().lexically_relative(folder_).generic_string();
      const fs::file_status found = entry->symlink_status(error);
      if (error) break;
      if (entry.depth() > kMostFolders) return fail(name + ": too many folders in each other");
      if (fs::is_symlink(found)) return fail(name + ": is a symbolic link; bundles have none");
      if (fs::is_directory(found)) continue;
      if (!fs::is_regular_file(found)) return fail(name + ": is neither file nor folder");
      if (const auto problem = entry_name_problem(name); !problem.empty()) {
        return fail(fmt::format("a file's name {}", problem));
      }
      if (name != kManifest) files_.emplace(name, entry->path().string());
      if (files_.size() > kMostEntries) return fail("has more than 100000 files");
    }
    if (error) return fail(error.message());
    return {};
  }

  Result read_manifest() {
    const std::string path = (fs::path(folder_) / kManifest).string();
    std::error_code ignored;
    if (!fs::exists(fs::symlink_status(path, ignored))) {
      bundle_.warnings.push_back(
          "the bundle has no MANIFEST.json: nothing tells whether it is whole and unchanged");
      return {};
    }
    const auto text = read_whole(path, kMostManifest);
    if (!text) return fail(fmt::format("{}: {}", kManifest, text.error()));
    const Json json = Json::parse(*text, nullptr, false);
    try {
      take_manifest(json);
    } catch (const std::exception& error) {
      return fail(fmt::format("{}: {}", kManifest, error.what()));
    }
    return {};
  }

  void take_manifest(const Json& json) {
    if (!json.is_object()) throw std::runtime_error("is no JSON object");
    if (text_at(json, "format") != kFormat) {
      throw std::runtime_error(fmt::format("'format' is not '{}'", kFormat));
    }
    const auto version = json.find("version");
    if (version == json.end() || *version != 1) {
      throw std::runtime_error("its version is not 1: this dagfix cannot read it");
    }
    bundle_.info.tool = text_at(json, "tool");
    bundle_.info.host = text_at(json, "host");
    bundle_.info.phase = text_at(json, "phase");
    bundle_.info.taken_at = checked_time(text_at(json, "taken_at"));
    if (const auto profile = json.find("profile"); profile != json.end()) {
      bundle_.info.profile = profile->get<std::map<std::string, std::string>>();
    }
    const auto entries = json.find("entries");
    if (entries == json.end()) return;
    if (!entries->is_object()) throw std::runtime_error("'entries' must be an object");
    if (entries->size() > kMostEntries) throw std::runtime_error("has more than 100000 entries");
    has_entries_ = true;
    for (const auto& [name, entry] : entries->items()) take_entry(name, entry);
  }

  static std::string checked_time(std::string text) {
    if (!text.empty() && !parse_time(text)) {
      throw std::runtime_error(fmt::format("'taken_at' is no time: {}", text));
    }
    return text;
  }

  struct Declared {
    Bundle::Entry entry;
    std::string sha256;
    std::optional<std::uint64_t> size;
  };

  void take_entry(const std::string& name, const Json& json) {
    if (const auto problem = entry_name_problem(name); !problem.empty()) {
      throw std::runtime_error(fmt::format("the name of an entry {}", problem));
    }
    if (!json.is_object()) throw std::runtime_error(name + " must be an object");
    Declared declared;
    const std::string state = text_at(json, "state");
    const auto known = state.empty() ? State::ok : state_named(state);
    if (!known) throw std::runtime_error(fmt::format("{} has an unknown state: {}", name, state));
    declared.entry.state = *known;
    declared.entry.evidence = mask_text(text_at(json, "evidence"));
    declared.entry.taken_at = checked_time(text_at(json, "taken_at"));
    declared.sha256 = text_at(json, "sha256");
    if (const auto size = json.find("size"); size != json.end()) {
      if (!size->is_number_unsigned()) throw std::runtime_error(name + ": 'size' is no number");
      declared.size = size->get<std::uint64_t>();
    }
    if (declared.entry.state == State::ok) {
      manifest_.emplace(name, std::move(declared));
    } else {
      bundle_.entries().emplace(name, std::move(declared.entry));
    }
  }

  void take(const std::string& name, const std::string& file) {
    std::error_code error;
    const std::uint64_t size = fs::file_size(file, error);
    if (const auto written = fs::last_write_time(file, error); !error) {
      const auto time = std::chrono::file_clock::to_sys(written);
      newest_ = std::max(newest_, to_string(std::chrono::floor<std::chrono::seconds>(time)));
    }
    if (bundle_.find(name)) return;  // it has another state, whatever lies there
    const auto declared = manifest_.find(name);
    if (declared == manifest_.end() && has_entries_) {
      bundle_.warnings.push_back(name + ": is not in MANIFEST.json and was not read");
      return;
    }
    Bundle::Entry entry;
    if (declared != manifest_.end()) entry = declared->second.entry;
    entry.file = file;
    entry.size = size;
    if (size > limit_of(name)) {
      bundle_.put_state(name, State::malformed, fmt::format("is too large: {} bytes", size));
    } else if (const auto problem = mismatch(declared, file, size); !problem.empty()) {
      bundle_.put_state(name, State::malformed, problem);
    } else {
      bundle_.entries().emplace(name, std::move(entry));
    }
  }

  using Manifest = std::map<std::string, Declared, std::less<>>;

  std::string mismatch(Manifest::const_iterator declared, const std::string& file,
                       std::uint64_t size) {
    if (declared == manifest_.end()) return {};
    if (declared->second.size && *declared->second.size != size) {
      return fmt::format("has {} bytes, MANIFEST.json says {}: truncated or changed", size,
                         *declared->second.size);
    }
    if (declared->second.sha256.empty()) {
      if (!warned_)
        bundle_.warnings.push_back(
            "MANIFEST.json lacks checksums: nothing tells whether the files are unchanged");
      warned_ = true;
      return {};
    }
    const auto sum = sha256_of_file(file);
    if (!sum) return sum.error();
    if (*sum != declared->second.sha256) return "its checksum is not that of MANIFEST.json";
    return {};
  }

  std::unexpected<std::string> fail(std::string_view what) const {
    return std::unexpected(fmt::format("{}: {}", folder_, what));
  }

  std::string folder_;
  Bundle bundle_;
  std::map<std::string, std::string> files_;
  Manifest manifest_;
  bool has_entries_ = false;
  bool warned_ = false;
  std::string newest_;
};

}  // namespace

std::expected<Bundle, std::string> load_bundle(const std::string& folder) {
  return Loader(folder).load();
}

}  // namespace dagfix::runtime

#include <dirent.h>
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <system_error>

#include "runtime/collect/files.hpp"
#include "runtime/file.hpp"

namespace dagfix::runtime {

namespace {

struct Close {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

}  // namespace

State state_of_error(std::string_view message) {
  if (message.contains("Permission denied")) return State::denied;
  if (message.contains("No such file") || message.contains("Not a directory")) {
    return State::absent;
  }
  return State::unreachable;
}

std::uint64_t put_small(Findings& findings, const std::string& entry, const std::string& path,
                        std::uint64_t most) {
  if (!entry_name_problem(entry).empty()) return 0;
  auto bytes = read_whole(path, most);
  if (!bytes) {
    findings.fail(entry, state_of_error(bytes.error()), fmt::format("{}: {}", path, bytes.error()));
    return 0;
  }
  const std::uint64_t size = bytes->size();
  findings.put(entry, *std::move(bytes), path);
  return size;
}

std::expected<std::vector<std::string>, FolderProblem> files_in(
    const std::string& folder, const std::vector<const char*>& patterns) {
  const std::unique_ptr<DIR, Close> open(::opendir(folder.c_str()));
  if (!open) {
    const std::string message = std::generic_category().message(errno);
    return std::unexpected(
        FolderProblem{state_of_error(message), fmt::format("{}: {}", folder, message)});
  }
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(open.get())) {
    const bool fits = std::ranges::any_of(patterns, [&](const char* pattern) {
      return ::fnmatch(pattern, entry->d_name, FNM_PERIOD) == 0;
    });
    if (fits) names.emplace_back(entry->d_name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace dagfix::runtime

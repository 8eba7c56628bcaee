#include "cli/rule_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>
#include <vector>

#include "cli/files.hpp"

namespace dagfix {

namespace {

namespace fs = std::filesystem;

std::expected<std::vector<std::string>, std::string> json_files(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> paths;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() == ".json") paths.push_back(entry->path().string());
  }
  if (error) return std::unexpected(fmt::format("{}: {}", folder, error.message()));
  if (paths.empty()) return std::unexpected(fmt::format("{}: has no .json files", folder));
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

std::expected<RuleBook, std::string> load_rules(std::span<const std::string> folders) {
  std::vector<std::pair<std::string, std::string>> extra;
  for (const std::string& folder : folders) {
    auto paths = json_files(folder);
    if (!paths) return std::unexpected(fmt::format("--rules: {}", paths.error()));
    for (std::string& path : *paths) {
      auto text = read_file(path);
      if (!text) return std::unexpected(fmt::format("{}: {}", path, text.error()));
      extra.emplace_back(std::move(path), *std::move(text));
    }
  }
  return RuleBook::load(extra);
}

}  // namespace dagfix

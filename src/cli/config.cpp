#include "cli/config.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "cli/did_you_mean.hpp"
#include "cli/files.hpp"
#include "cli/posix.hpp"

namespace dagfix {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kOwnName = "dagfix.toml";
constexpr std::string_view kSharedName = "pyproject.toml";

std::string at(const std::string& file, const toml::source_position& place,
               std::string_view message) {
  return fmt::format("{}:{}:{}: {}", file, place.line, place.column, message);
}

std::string one_line(std::string_view text) {
  std::string line(text);
  std::ranges::replace(line, '\n', ' ');
  return line;
}

std::expected<toml::table, std::string> parse_file(const std::string& file) {
  const auto text = read_file(file);
  if (!text) return std::unexpected(fmt::format("{}: {}", file, text.error()));
  try {
    return toml::parse(*text);
  } catch (const toml::parse_error& error) {
    return std::unexpected(at(file, error.source().begin, one_line(error.description())));
  }
}

bool is_shared(const std::string& file) { return fs::path(file).filename() == kSharedName; }

/// The folder above; empty at the root.
std::string above(const std::string& folder) {
  return folder == "/" ? std::string() : parent_folder(folder);
}

/// Takes one key of the table after the other.
class ConfigReader {
 public:
  ConfigReader(const std::string& file, Config& config) : file_(file), config_(config) {}

  std::expected<void, std::string> read(const toml::table& table) {
    for (const auto& [key, node] : table) {
      const auto spec = std::ranges::find_if(option_specs(), [&](const OptionSpec& option) {
        return option.in_config && option.name == key.str();
      });
      if (spec == option_specs().end()) return unknown(key);
      const auto taken =
          std::visit([&](const auto member) { return take(*spec, node, config_.settings.*member); },
                     spec->target);
      std::string place = at(file_, node.source().begin, key.str());
      if (!taken) return std::unexpected(fmt::format("{}: {}", place, taken.error()));
      config_.places.emplace(key.str(), std::move(place));
    }
    return {};
  }

 private:
  std::unexpected<std::string> unknown(const toml::key& key) const {
    std::vector<std::string_view> known;
    for (const OptionSpec& spec : option_specs()) {
      if (spec.in_config) known.push_back(spec.name);
    }
    return std::unexpected(
        at(file_, key.source().begin,
           fmt::format("unknown key '{}'{}", key.str(), did_you_mean(key.str(), known))));
  }

  std::expected<void, std::string> take(const OptionSpec&, const toml::node& node,
                                        Settings::Flag& out) const {
    out = node.value_exact<bool>();
    if (!out) return std::unexpected("must be true or false");
    return {};
  }

  std::expected<void, std::string> take(const OptionSpec&, const toml::node& node,
                                        Settings::Number& out) const {
    const auto number = node.value_exact<std::int64_t>();
    if (!number) return std::unexpected("must be a whole number");
    const auto checked = check_number(*number);
    if (!checked) return std::unexpected(checked.error());
    out = *checked;
    return {};
  }

  std::expected<void, std::string> take(const OptionSpec& spec, const toml::node& node,
                                        Settings::Text& out) const {
    const auto text = node.value_exact<std::string>();
    if (!text) {
      // 0.5 is what people write first, and 0.10 would be 0.1.
      return std::unexpected(node.is_number() ? "must be a string: put it into quotes"
                                              : "must be a string");
    }
    if (auto checked = check_text(spec, *text); !checked) return checked;
    out = resolve(spec, *text);
    return {};
  }

  std::expected<void, std::string> take(const OptionSpec& spec, const toml::node& node,
                                        Settings::List& out) const {
    const toml::array* const list = node.as_array();
    if (!list) return std::unexpected("must be a list of strings");
    for (const toml::node& element : *list) {
      const auto text = element.value_exact<std::string>();
      if (!text) return std::unexpected("must be a list of strings");
      out.push_back(resolve(spec, *text));
    }
    return {};
  }

  std::string resolve(const OptionSpec& spec, const std::string& text) const {
    const bool is_path = spec.complete == OptionSpec::Complete::file ||
                         spec.complete == OptionSpec::Complete::folder;
    if (!is_path || text.starts_with('/')) return text;
    return join_path(fs::path(file_).parent_path().string(), text);
  }

  const std::string& file_;
  Config& config_;
};

}  // namespace

std::expected<std::optional<std::string>, std::string> find_config(const std::string& path) {
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(path, ignored);
  fs::path start = real.empty() ? fs::current_path(ignored) : real;
  if (!fs::is_directory(start, ignored)) start = start.parent_path();
  for (std::string folder = start.string(); !folder.empty(); folder = above(folder)) {
    std::string own = join_path(folder, kOwnName);
    if (fs::exists(own, ignored)) return own;
    std::string shared = join_path(folder, kSharedName);
    if (!fs::exists(shared, ignored)) continue;
    const auto text = read_file(shared);
    if (!text) return std::unexpected(fmt::format("{}: {}", shared, text.error()));
    // The file is other programs' affair unless it names dagfix.
    if (!text->contains("dagfix")) continue;
    const auto table = parse_file(shared);
    if (!table) return std::unexpected(table.error());
    if (table->at_path("tool.dagfix").is_table()) return shared;
  }
  return std::nullopt;
}

std::expected<Config, std::string> load_config(const std::string& file) {
  const auto table = parse_file(file);
  if (!table) return std::unexpected(table.error());
  Config config;
  const auto folder = real_path(parent_folder(file));
  if (!folder) return std::unexpected(fmt::format("{}: {}", file, errno_text(folder.error())));
  config.folder = *folder;
  const toml::table* const own =
      is_shared(file) ? table->at_path("tool.dagfix").as_table() : &*table;
  if (!own) return std::unexpected(fmt::format("{}: has no table [tool.dagfix]", file));
  if (auto read = ConfigReader(file, config).read(*own); !read) {
    return std::unexpected(read.error());
  }
  return config;
}

}  // namespace dagfix

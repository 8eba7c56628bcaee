#include "cli/doctor_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <toml++/toml.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <vector>

#include "cli/did_you_mean.hpp"
#include "cli/files.hpp"
#include "cli/output.hpp"

namespace dagfix {

namespace {

using runtime::Profile;

struct Problem {
  toml::source_position place;
  std::string text;
};

[[noreturn]] void fail(const toml::node& node, std::string text) {
  throw Problem{node.source().begin, std::move(text)};
}

/// Parses a file and lets `read` take what it holds; it throws a Problem.
template <typename Read>
std::expected<void, std::string> read_toml(const std::string& file, Read read) {
  const auto text = read_file(file);
  if (!text) return std::unexpected(fmt::format("{}: {}", file, text.error()));
  const auto say = [&](const toml::source_position& place, std::string_view what) {
    return std::unexpected(fmt::format("{}:{}:{}: {}", file, place.line, place.column, what));
  };
  try {
    read(toml::parse(*text));
  } catch (const toml::parse_error& error) {
    std::string what(error.description());
    std::ranges::replace(what, '\n', ' ');
    return say(error.source().begin, what);
  } catch (const Problem& problem) {
    return say(problem.place, problem.text);
  }
  return {};
}

/// {env = "NAME"} or {file = "PATH"}.
runtime::SecretReference read_secret(const toml::node& node) {
  using Kind = runtime::SecretReference::Kind;
  const toml::table* const table = node.as_table();
  if (table && table->size() == 1) {
    const auto environment = (*table)["env"].value_exact<std::string>();
    if (environment) return {Kind::environment, *environment};
    if (const auto file = (*table)["file"].value_exact<std::string>()) return {Kind::file, *file};
  }
  fail(node, "a secret does not belong here: write {env = \"NAME\"} or {file = \"PATH\"}");
}

void read_profile(const std::string& file, const toml::table& table, const std::string& prefix,
                  Profile& profile) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    const runtime::ProfileKey* const known = runtime::find_profile_key(name);
    if (!known && node.is_table()) {
      read_profile(file, *node.as_table(), name + ".", profile);
      continue;
    }
    if (!known) {
      std::vector<std::string_view> names;
      for (const auto& candidate : runtime::profile_keys()) names.push_back(candidate.name);
      fail(node, fmt::format("unknown key '{}'{}", name, did_you_mean(name, names)));
    }
    if (known->is_secret) {
      profile.set_secret(name, read_secret(node));
      continue;
    }
    std::string text;
    if (const auto value = node.value_exact<std::string>()) {
      text = *value;
    } else if (const auto number = node.value_exact<std::int64_t>()) {
      text = std::to_string(*number);
    } else {
      fail(node, fmt::format("'{}' must be a string", name));
    }
    const auto [line, column] = node.source().begin;
    profile.set(name, std::move(text), fmt::format("{}:{}", file, line), Profile::Strength::given);
  }
}

std::string text_of(const toml::table& table, std::string_view key, bool required) {
  const toml::node* const node = table.get(key);
  if (!node) {
    if (required) fail(table, fmt::format("'{}' is missing", key));
    return {};
  }
  const auto text = node->value_exact<std::string>();
  if (!text || (required && text->empty())) fail(*node, fmt::format("'{}' must be a string", key));
  return *text;
}

/// A date, a time, or text with one; a date is its last second.
std::optional<runtime::Time> time_of(const toml::table& table, std::string_view key) {
  const toml::node* const node = table.get(key);
  if (!node) return std::nullopt;
  std::ostringstream text;
  if (const auto* date = node->as_date()) {
    text << date->get() << "T23:59:59Z";
  } else if (const auto* time = node->as_date_time()) {
    text << time->get();
  } else {
    text << node->value_or(std::string());
  }
  std::string written = text.str();
  if (written.size() == 10) written += "T23:59:59Z";
  const auto time = runtime::parse_time(written);
  if (!time) fail(*node, fmt::format("'{}' is no time: {}", key, text.str()));
  return time;
}

/// Calls `take` with each table of [[name]]; nothing else may be in the file.
template <typename Take>
void each_table(const toml::table& file, std::string_view name,
                std::initializer_list<std::string_view> keys, Take take) {
  for (const auto& [key, node] : file) {
    const toml::array* const list = node.as_array();
    if (key.str() != name || !list) fail(node, fmt::format("expected [[{}]]", name));
    for (const toml::node& element : *list) {
      const toml::table* const table = element.as_table();
      if (!table) fail(element, fmt::format("expected [[{}]]", name));
      for (const auto& [inner, value] : *table) {
        if (std::ranges::find(keys, inner.str()) == keys.end()) {
          fail(value, fmt::format("unknown key '{}'", inner.str()));
        }
      }
      take(*table);
    }
  }
}

}  // namespace

std::expected<Profile, std::string> load_profile(const std::string& file) {
  Profile profile;
  auto read =
      read_toml(file, [&](const toml::table& table) { read_profile(file, table, {}, profile); });
  if (!read) return std::unexpected(read.error());
  return profile;
}

std::expected<runtime::Attestations, std::string> load_attestations(const std::string& file) {
  runtime::Attestations attestations;
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return attestations;
  auto read = read_toml(file, [&](const toml::table& table) {
    each_table(table, "attestation", {"step", "answer", "who", "when", "note"},
               [&](const toml::table& entry) {
                 runtime::Attestation said;
                 said.answer = text_of(entry, "answer", true);
                 if (!runtime::is_answer(said.answer)) {
                   fail(entry, fmt::format("'{}' is none of {}", said.answer,
                                           fmt::join(runtime::kAnswers, ", ")));
                 }
                 said.who = text_of(entry, "who", true);
                 const auto when = time_of(entry, "when");
                 if (!when) fail(entry, "'when' is missing");
                 said.when = *when;
                 said.note = text_of(entry, "note", false);
                 attestations[text_of(entry, "step", true)] = std::move(said);
               });
  });
  if (!read) return std::unexpected(read.error());
  return attestations;
}

std::expected<void, std::string> save_attestations(const std::string& file,
                                                   const runtime::Attestations& attestations) {
  toml::array list;
  for (const auto& [step, said] : attestations) {
    toml::table entry{{"step", step},
                      {"answer", said.answer},
                      {"who", said.who},
                      {"when", runtime::to_string(said.when)}};
    if (!said.note.empty()) entry.insert("note", said.note);
    list.push_back(std::move(entry));
  }
  std::ostringstream text;
  text << toml::table{{"attestation", std::move(list)}} << '\n';
  if (auto written = write_output(file, text.str()); !written) {
    return std::unexpected(fmt::format("{}: {}", file, written.error()));
  }
  return {};
}

std::expected<runtime::Waivers, std::string> load_waivers(const std::string& file) {
  runtime::Waivers waivers;
  auto read = read_toml(file, [&](const toml::table& table) {
    each_table(table, "waiver", {"step", "reason", "expires"}, [&](const toml::table& entry) {
      waivers[text_of(entry, "step", true)] = {text_of(entry, "reason", true),
                                               time_of(entry, "expires")};
    });
  });
  if (!read) return std::unexpected(read.error());
  return waivers;
}

}  // namespace dagfix

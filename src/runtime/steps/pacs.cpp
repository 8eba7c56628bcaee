#include "runtime/steps/pacs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace dagfix::runtime {

namespace {

constexpr std::array<std::string_view, 5> kTables = {"patient", "study", "series", "instance",
                                                     "location"};

/// A table that is not there has no rows.
Answer<std::uint64_t> number(const Answer<std::uint64_t>& rows) {
  return rows.is_absent() ? Answer<std::uint64_t>(0) : rows;
}

}  // namespace

Rows rows_in_database(const Platform& platform) {
  return [&platform](std::string_view table) {
    return platform.sql().count("pacsdb", fmt::format("{}-count", table));
  };
}

Unseen no_baseline() { return {State::unreachable, "baseline", "there is no bundle from before"}; }

Rows rows_before(const Step& step) {
  if (step.baseline()) return rows_in_database(*step.baseline());
  return [](std::string_view) -> Answer<std::uint64_t> { return no_baseline(); };
}

Rows rows_in_dump(const Answer<DumpFile>& dump) {
  return [dump](std::string_view table) {
    if (!dump.is_ok()) return dump.map([](const DumpFile&) { return std::uint64_t{0}; });
    return dump->rows(table);
  };
}

Compared compare_rows(Step& step, const Rows& before, const Rows& now) {
  Compared result;
  for (const std::string_view table : kTables) {
    const auto old_rows = number(before(table));
    const auto new_rows = number(now(table));
    if (!old_rows.is_ok() || !new_rows.is_ok()) {
      const Truth unseen = old_rows.exists() && new_rows.exists();
      result.is_equal = result.is_equal && unseen;
      result.any_fewer = result.any_fewer || unseen;
      result.any_more = result.any_more || unseen;
      if (table == "series") result.is_empty = unseen;
      continue;
    }
    const std::string line = fmt::format("{}: {} before, {} now", table, *old_rows, *new_rows);
    step.evidence(line);
    result.is_equal = result.is_equal && Truth(*old_rows == *new_rows);
    result.any_fewer = result.any_fewer || Truth(*new_rows < *old_rows);
    result.any_more = result.any_more || Truth(*new_rows > *old_rows);
    if (table == "series") result.is_empty = *new_rows == 0 && *old_rows > 0;
    if (*old_rows == *new_rows) continue;
    result.text += (result.text.empty() ? "" : ", ") + line;
  }
  return result;
}

Truth is_postgres(const Step& step, std::string_view folder, std::string_view version) {
  return step.files().pg_version(folder).test(
      [&](const std::string& text) { return text == version; });
}

Truth has_container(const Step& step, std::string_view name) {
  constexpr const char* kEntry = "host.json";
  const auto host = step.now().bundle().json(kEntry);
  if (!host.is_ok()) return host.exists();
  const Json* const names = value_at(*host, "/containers");
  const Json* const docker = value_at(*host, "/docker");
  if (!names && docker && *docker == false) return false;
  if (!names || !names->is_array()) {
    return Truth::unknown({State::denied, kEntry, "docker was not asked for its containers"});
  }
  return std::ranges::any_of(*names, [&](const Json& found) { return found == name; });
}

Truth pacs_runs(const Step& step) {
  return step.cluster()
      .in("Pod", step.profile().get("namespaces.services"))
      .test([](const auto& all) {
        return std::ranges::any_of(all, [](const Json* pod) {
          return name_of(*pod).starts_with("postgres-dcm4che") &&
                 text_at(*pod, "/status/phase") == "Running";
        });
      });
}

Answer<Kubernetes::Objects> pods_of_app(const Step& step, std::string_view app) {
  return step.cluster()
      .in("Pod", step.profile().get("namespaces.services"))
      .map([&](const auto& all) {
        Kubernetes::Objects own;
        std::ranges::copy_if(all, std::back_inserter(own), [&](const Json* pod) {
          return text_at(*pod, "/metadata/labels/app-name") == app;
        });
        return own;
      });
}

}  // namespace dagfix::runtime

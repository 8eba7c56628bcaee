#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>

#include "runtime/steps/common.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

// What only the migration script of this guide has.
constexpr std::string_view kScriptWords = "kaapana-backend-postgres-data";

struct Rename {
  std::string_view old_name;
  std::string_view new_name;
};

// In the order of 0.5.2:utils/migration-0.4.x-0.5.x.sh.
constexpr std::array<Rename, 5> kRenames{{
    {"postgres-access-information-point", "access-information-interface-postgres-data"},
    {"dicom-project-mapping-postgres", "dicom-web-filter-postgres-data"},
    {"postgres-airflow", "airflow-postgres-data"},
    {"postgres-backend", "kaapana-backend-postgres-data"},
    {"keycloak/db-files", "keycloak-postgres-data"},
}};

/// The five folders together.
struct Folders {
  Truth all_old = true;
  Truth any_old = false;
  Truth all_new = true;
  Truth any_new = false;
  Truth any_nested = false;
  Truth any_both = false;
  Truth any_lost = false;
  Truth any_wrong_version = false;
  std::vector<std::string> nested, both, lost, wrong, done, left, moves;
};

void look_at(const Step& step, const Rename& rename, Folders& all) {
  const FileTree& files = step.files();
  const std::string old_path = step.now().fast(rename.old_name);
  const std::string new_path = step.now().fast(rename.new_name);
  const Truth is_old = files.exists(old_path);
  const Truth is_new = files.exists(new_path);
  const std::string_view last = rename.old_name.substr(rename.old_name.rfind('/') + 1);
  const std::string inner = join(new_path, last);
  const auto other = inner_database(files, new_path);
  const Truth is_nested = files.exists(inner) || (is_new && other.exists());
  const auto version = files.pg_version(new_path);
  const Truth is_17 = version.test([](const std::string& text) { return text == "17"; });
  all.all_old = all.all_old && is_old;
  all.any_old = all.any_old || is_old;
  all.all_new = all.all_new && is_new;
  all.any_new = all.any_new || is_new;
  all.any_nested = all.any_nested || is_nested;
  all.any_both = all.any_both || (is_old && is_new);
  all.any_lost = all.any_lost || (!is_old && !is_new);
  all.any_wrong_version = all.any_wrong_version || (is_new && !is_17);
  if (is_nested.is_yes()) all.nested.push_back(other.is_ok() ? *other : inner);
  if ((is_old && is_new).is_yes()) all.both.push_back(fmt::format("{} and {}", old_path, new_path));
  if ((!is_old && !is_new).is_yes()) all.lost.push_back(old_path);
  if (is_new.is_yes() && is_17.is_no()) {
    all.wrong.push_back(
        fmt::format("{} ({})", new_path,
                    version.is_ok() ? "PG_VERSION " + *version : std::string("no PG_VERSION")));
  }
  if (is_new.is_yes()) all.done.emplace_back(rename.new_name);
  if (is_old.is_yes()) all.left.emplace_back(rename.old_name);
  if (is_old.is_yes() && is_new.is_no()) {
    all.moves.push_back(
        fmt::format("sudo mv {} {}", shell_quoted(old_path), shell_quoted(new_path)));
  }
}

}  // namespace

void judge_k05_5(Step& step) {
  const FileTree& files = step.files();
  Folders folders;
  for (const Rename& rename : kRenames) look_at(step, rename, folders);
  const std::string keycloak = step.now().fast("keycloak");
  const Truth is_rest = files.exists(keycloak);
  const Truth runs = step.now().is_running();
  const auto marker = files.text(step.now().fast("version"));
  const auto version =
      marker.map([](const std::string& text) { return parse_platform_version(text); });

  step.set("nested", fmt::format("{}", fmt::join(folders.nested, ", ")));
  step.set("both", fmt::format("{}", fmt::join(folders.both, "; ")));
  step.set("lost", fmt::format("{}", fmt::join(folders.lost, ", ")));
  step.set("wrong", fmt::format("{}", fmt::join(folders.wrong, ", ")));
  step.set("done", fmt::format("{}", fmt::join(folders.done, ", ")));
  step.set("left", fmt::format("{}", fmt::join(folders.left, ", ")));
  step.set("keycloak", keycloak);
  if (folders.moves.size() == 1 || !folders.any_old.is_unknown()) {
    if (is_rest.is_yes()) folders.moves.push_back("sudo rmdir " + shell_quoted(keycloak));
  }
  step.set_commands("moves", folders.moves);
  if (marker.is_ok()) step.set("version", *marker);

  const Truth is_later =
      version.test([](const auto& found) { return found && found->version >= Version{0, 6, 0}; });
  step.decide("later", is_later && !folders.any_old);
  step.decide("nested", folders.any_nested);
  step.decide("both", folders.any_both);
  step.decide("running", folders.any_new && folders.any_old && runs);
  step.decide("wrong-version", folders.any_wrong_version);
  const Truth is_good =
      folders.all_new && !folders.any_old && !folders.any_nested && !folders.any_wrong_version;
  step.decide("leftover", is_good && is_rest);
  step.decide("renamed", is_good && !is_rest);
  step.decide("lost", folders.any_lost);
  step.decide("part", folders.any_new && folders.any_old);
  step.decide("not-started", folders.all_old && !folders.any_new);
  // After this step, and before the deploy script looks at it.
  const std::string script = find_script(step, "migration", kScriptWords);
  step.set("script", script_path(step, script, "migration-0.4.x-0.5.x.sh"));
  step.trap("T19", folders.all_old && !folders.any_new && !is_executable(step, script));
  step.trap("T21", folders.all_new && !folders.any_old && !marker.exists() && !step.is_after());
}

}  // namespace dagfix::runtime

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "runtime/steps/common.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr Version kTarget{0, 5, 0};

// Old and new names of the database folders; the backup has one of the two.
constexpr std::array<std::array<std::string_view, 2>, 5> kDatabases{{
    {"postgres-access-information-point", "access-information-interface-postgres-data"},
    {"dicom-project-mapping-postgres", "dicom-web-filter-postgres-data"},
    {"postgres-airflow", "airflow-postgres-data"},
    {"postgres-backend", "kaapana-backend-postgres-data"},
    {"keycloak/db-files", "keycloak-postgres-data"},
}};

/// What a backup has of one database.
struct Saved {
  Truth is_there = false;
  Truth was_running = false;
  Truth has_other_owner = false;
  Truth is_smaller = false;  // fewer files or bytes than the original
};

/// What the backup is compared with: the folders of before. Once the new platform runs, only a
/// bundle from before still has them.
const Platform* original_of(const Step& step) {
  if (!step.is_after().is_yes()) return &step.now();
  return step.baseline();
}

Saved look_at(const Step& step, const std::string& backup,
              const std::array<std::string_view, 2>& names) {
  const FileTree& files = step.files();
  // It may have been taken with the new names only if the rename came before.
  const Truth has_old = files.exists(join(backup, names[0]));
  const std::string_view name = has_old.is_no() ? names[1] : names[0];
  const std::string saved = join(backup, name);
  Saved result;
  result.is_there =
      files.pg_version(saved).test([](const std::string& version) { return version == "17"; });
  result.was_running = files.exists(join(saved, "postmaster.pid"));
  const Platform* const before = original_of(step);
  if (!before) {
    result.is_smaller = Step::without_baseline();
    return result;
  }
  const FileTree& originals = before->files();
  std::string place = before->fast(names[0]);
  if (originals.exists(place).is_no()) place = before->fast(names[1]);
  const auto original = originals.find(place);
  const auto copy = files.find(saved);
  const auto made = files.sum(saved);
  const auto had = originals.sum(place);
  const auto bytes = [](const FileTree::Sum& sum) { return sum.bytes; };
  const auto count = [](const FileTree::Sum& sum) { return sum.files; };
  result.is_smaller =
      is_less(made.map(bytes), had.map(bytes)) || is_less(made.map(count), had.map(count));
  if (original.is_ok()) {
    result.has_other_owner = copy.test([&](const FileInfo& info) {
      return info.uid != original->uid || info.mode != original->mode;
    });
  }
  return result;
}

/// The version that is going to be deployed: as the profile says, else of a deploy script of 0.5,
/// else the one of 0.5 that runs.
/// Empty if nothing tells.
std::string target_of(const Step& step) {
  const std::string& target = step.profile().get("platform.target");
  if (!target.empty()) return target;
  for (const std::string_view name : step.now().bundle().names("scripts/deploy_platform")) {
    const auto script = ShellScript::read(step.now().bundle(), name);
    const auto text = script.is_ok() ? script->variable("PLATFORM_VERSION") : std::nullopt;
    const auto version = text ? parse_platform_version(*text) : std::nullopt;
    if (version && version->has_patch && version->version >= kTarget) {
      return to_string(version->version);
    }
  }
  const auto& running = step.now().version();
  const bool is_deployed = running && running->evidence.starts_with("image ") &&
                           running->has_patch && running->version >= kTarget;
  return is_deployed ? to_string(running->version) : std::string();
}

/// Where the backup is: cp of the folder itself, not of what is in it, makes one more level.
std::string backup_folder(const Step& step) {
  const std::string& backup = step.profile().get("platform.backup");
  const std::string& fast = step.now().fast();
  const std::string inner = join(backup, fast.substr(fast.rfind('/') + 1));
  return !backup.empty() && step.files().exists(inner).is_yes() ? inner : backup;
}

/// Whether FAST has a hidden file at its top that the backup lacks.
Truth lacks_hidden_files(const Step& step, const std::string& backup) {
  const auto originals = step.files().children(step.now().fast());
  if (!originals.is_ok()) return originals.exists();
  Truth lacks = false;
  for (const FileInfo& file : *originals) {
    if (file.name().starts_with('.')) {
      lacks = lacks || !step.files().exists(join(backup, file.name()));
    }
  }
  return lacks;
}

/// Whether the automatic migration would begin at 0.3: FAST/version says so, or without it a chart
/// of 0.3 that is left, of which it takes any.
Truth starts_from_0_3(const Step& step) {
  const auto text = step.files().text(step.now().fast("version"));
  const Truth is_written = text.test([](const std::string& found) {
    const auto version = parse_platform_version(found);
    return version && version->version < Version{0, 4, 0};
  });
  const auto charts = step.files().children(step.now().fast("extensions"));
  return is_written || (!text.exists() && charts.test([](const auto& all) {
           return std::ranges::any_of(all, [](const FileInfo& file) {
             return file.name().starts_with("kaapana-platform-chart-0.3");
           });
         }));
}

}  // namespace

void judge_k05_1(Step& step) {
  judge_releases(step, step.is_after());
  step.trap("T04", Truth(step.is_open()) && lacks_script(step, "deploy_plaform"));
}

void judge_k05_2(Step& step) {
  judge_wait(step);
  step.trap("T25", Truth(step.is_open()) && step.now().releases().test([](const auto& all) {
    return std::ranges::any_of(
        all, [](const Kubernetes::Release& release) { return release.name_space != "default"; });
  }));
}

void judge_k05_3(Step& step) {
  const std::string backup = backup_folder(step);
  if (backup.empty()) {
    step.decide("taken", Truth::unknown({State::unreachable, "profile",
                                         "platform.backup is not set: where is the backup?"}));
    return;
  }
  const FileTree& files = step.files();
  const std::string& fast = step.now().fast();
  const Truth exists = files.exists(backup);
  Truth all = true;
  Truth any = false;
  Truth running = false;
  Truth owner = false;
  Truth smaller = false;
  for (const auto& names : kDatabases) {
    const Saved saved = look_at(step, backup, names);
    all = all && saved.is_there;
    any = any || saved.is_there;
    running = running || saved.was_running;
    owner = owner || saved.has_other_owner;
    smaller = smaller || (saved.is_there && saved.is_smaller);
  }
  const auto copied = files.sum(backup);
  const auto original = files.sum(fast);
  const auto bytes = [](const FileTree::Sum& sum) { return sum.bytes; };
  if (copied.is_ok() && original.is_ok()) {
    step.evidence(fmt::format("{}: {} files, {} bytes; {}: {} files, {} bytes", backup,
                              copied->files, copied->bytes, fast, original->files,
                              original->bytes));
  }
  const auto here = files.device(backup);
  const auto there = files.device(fast);
  if (here.is_ok() && there.is_ok() && here->target == there->target) {
    step.evidence(fmt::format("the backup is on the same device as {} ({})", fast, here->target));
  }
  if (!step.is_after().is_yes()) {
    smaller = smaller || is_less(copied.map(bytes), original.map(bytes));
  }
  step.decide("inside",
              exists && Truth(is_within(backup, fast) || is_within(backup, step.now().slow())));
  step.decide("none", !exists || !any);
  step.decide("running", running);
  step.decide("owner", owner);
  step.decide("incomplete", any && (!all || smaller));
  step.decide("taken", all && !smaller && !running && !owner);
  const Truth has_no_slow = !files.exists(join(backup, "minio")) && exists;
  step.trap("T23", lacks_hidden_files(step, backup) || has_no_slow);
}

void judge_k05_4(Step& step) {
  Truth renamed = true;
  for (const auto& names : kDatabases) {
    renamed = renamed && step.files().exists(step.now().fast(names[1]));
  }
  step.decide("over", renamed || step.is_after());
  const auto script = judge_script(step, "migration", "kaapana-backend-postgres-data");
  step.decide("there", script.exists());
  step.trap("T02c",
            script.exists() && Truth(step.names().find("script")->second.contains("-0.sh")));
}

void judge_k05_5b(Step& step) {
  const std::string marker = step.now().fast("version");
  const auto text = step.files().text(marker);
  const auto version =
      text.map([](const std::string& found) { return parse_platform_version(found); });
  const std::string target = target_of(step);
  const auto wanted = parse_platform_version(target);
  const bool is_named = wanted && wanted->has_patch;
  step.set("marker", marker);
  step.set("text", text.is_ok() ? *text : std::string());
  set_version_command(step, marker, wanted && wanted->has_patch ? target : "");
  step.set("hint", is_named ? ""
                            : "; once platform.target says which, or its deploy script is in "
                              "platform.scripts, the command is printed");
  if (!is_named) step.evidence("which version is going to be deployed is not known");
  const Truth is_new = version.test(
      [&](const auto& found) { return found && found->version >= kTarget && found->has_patch; });
  const auto is_target = [&](const auto& found) {
    return !is_named || (found && found->version == wanted->version);
  };
  const bool reads_none = wanted && wanted->has_patch && wanted->version < Version{0, 5, 2};
  step.decide("not-read", !text.exists() && Truth(reads_none));
  step.decide("missing", !text.exists());
  step.decide("short", version.test([](const auto& found) {
    return found && found->version >= kTarget && !found->has_patch;
  }));
  step.decide("nonsense", version.test([](const auto& found) { return !found; }));
  step.decide("other", is_new && !version.test(is_target));
  step.decide("written", is_new);
  step.decide("old", !is_new);
  step.trap("T22", version.test([](const auto& found) { return found && !found->has_patch; }));
}

void judge_k05_6(Step& step) {
  const Truth is_new = runs_at_least(step, kTarget);
  const Truth fails = any_pod_fails(step);
  const Truth good = all_pods_good(step);
  const auto pods = step.now().pods();
  std::vector<std::string> series;
  for (const PlatformVersion& version : step.now().versions()) {
    if (!version.evidence.starts_with("image ")) continue;
    const std::string text = fmt::format("{}.{}", version.version.major, version.version.minor);
    if (std::ranges::find(series, text) == series.end()) series.push_back(text);
  }
  std::ranges::sort(series);
  step.set("series", fmt::format("{}", fmt::join(series, " and ")));
  const auto nodes = step.cluster().all("Node");
  if (nodes.is_ok()) {
    for (const Json* node : *nodes) {
      step.evidence(fmt::format("node {}: kubelet {}", name_of(*node),
                                text_at(*node, "/status/nodeInfo/kubeletVersion")));
    }
  }
  const std::string strange = strange_volume(step);
  step.set("strange", strange);
  set_deploy_command(step, kTarget);
  step.decide("mixed", pods.exists() && Truth(series.size() > 1));
  step.decide("other-folder", is_new && Truth(!strange.empty()));
  step.decide("failing", is_new && fails);
  step.decide("starting", is_new && !good);
  step.decide("running", is_new && good);
  step.decide("not-deployed", !is_new);
  // The password was a variable of 0.4's script; 0.5 expects the default in the database.
  const auto script = ShellScript::read(step.now().bundle(), step.now().deploy_script());
  step.trap("T24", script.test([](const ShellScript& text) {
    const auto value = text.variable("CREDENTIALS_POSTGRES_AIP_PASSWORD");
    return value && *value == "(masked)";
  }));
  const Truth is_open = step.is_open();
  step.trap("T21b", is_open && script.test([](const ShellScript& text) {
    return text.text().contains("--no-migration") && !text.text().contains("$MIGRATION_ENABLED") &&
           !text.text().contains("${MIGRATION_ENABLED");
  }));
  step.trap("T22b", is_open && starts_from_0_3(step));
}

}  // namespace dagfix::runtime

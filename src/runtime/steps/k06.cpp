#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "runtime/steps/common.hpp"
#include "runtime/steps/pacs.hpp"
#include "runtime/steps/steps.hpp"

// 0.5 to 0.6: what the jobs of 0.6.0:utils/migration-chart copy into volumes.
namespace dagfix::runtime {

namespace {

constexpr Version kTarget{0, 6, 0};

struct Copy {
  std::string_view claim;
  std::string_view folder;  // in the data folder
  std::string_view sub;     // in the volume
  bool is_slow = false;
  bool is_database = false;
};

// Of the script's list what cannot be made anew.
constexpr std::array<Copy, 14> kCopies{{
    {"access-information-interface-pv-claim", "access-information-interface-postgres-data", "data",
     false, true},
    {"dicom-web-filter-pv-claim", "dicom-web-filter-postgres-data", "data", false, true},
    {"airflow-pv-claim", "airflow-postgres-data", "data", false, true},
    {"keycloak-pv-claim", "keycloak-postgres-data", "data", false, true},
    {"notification-service-pv-claim", "notification-service-postgres-data", "data", false, true},
    {"kaapana-backend-pv-claim", "kaapana-backend-postgres-data", "data", false, true},
    {"dcm4che-pv-claim", "postgres-dcm4che", "data", false, true},
    {"dcm4che-pv-claim", "ldap", "ldap"},
    {"dcm4che-pv-claim", "slapd.d", "slapd.d"},
    {"opensearch-pv-claim", "os/data", "data"},
    {"dags-pv-claim", "workflows/dags", ""},
    {"dcm4chee-dicom-pv-claim", "dcm4che/dicom_data", "", true},
    {"dcm4chee-standalone-pv-claim", "dcm4che/server_data", "", true},
    {"minio-pv-claim", "minio", "", true},
}};

std::string old_folder(const Step& step, const Copy& copy) {
  return copy.is_slow ? step.now().slow(copy.folder) : step.now().fast(copy.folder);
}

/// Of a claim or a volume.
bool is_kaapanas(const Json& object) {
  return text_at(object, "/spec/storageClassName").contains("kaapana");
}

/// The folder of this machine that a claim's volume is. Absent: no claim, or none is bound.
Answer<std::string> volume_folder(const Step& step, std::string_view claim) {
  const auto claims = step.cluster().all("PersistentVolumeClaim");
  const auto volumes = step.cluster().all("PersistentVolume");
  if (!claims.is_ok()) return claims.map([](const auto&) { return std::string(); });
  if (!volumes.is_ok()) return volumes.map([](const auto&) { return std::string(); });
  for (const Json* one : *claims) {
    if (name_of(*one) != claim) continue;
    const std::string volume = text_at(*one, "/spec/volumeName");
    for (const Json* candidate : *volumes) {
      if (name_of(*candidate) != volume) continue;
      for (const char* const place : {"/spec/hostPath/path", "/spec/local/path"}) {
        if (const std::string path = text_at(*candidate, place); !path.empty()) return path;
      }
      return Unseen{State::unreachable, "k8s/persistentvolumes.json",
                    fmt::format("{} is no folder of this machine", volume)};
    }
  }
  return Answer<std::string>::absent();
}

/// How the volumes compare with the old folders.
struct Volumes {
  Truth any_less = false;
  Truth any_unfit = false;  // a database whose PG_VERSION is another one
  bool any = false;         // an old folder is there
  std::vector<std::string> less, unfit;
};

void compare(Step& step, const Copy& copy, Volumes& all) {
  const FileTree& files = step.files();
  const std::string from = old_folder(step, copy);
  const auto had = files.sum(from);
  if (had.is_absent()) return;
  all.any = true;
  const auto volume = volume_folder(step, copy.claim);
  if (!volume.is_ok()) {
    all.any_less = all.any_less || (volume.is_absent() ? Truth(true) : volume.exists());
    if (volume.is_absent()) all.less.push_back(fmt::format("{} has no volume", copy.folder));
    return;
  }
  const std::string to = copy.sub.empty() ? *volume : join(*volume, copy.sub);
  const auto has = files.sum(to);
  const auto bytes = [](const FileTree::Sum& sum) { return sum.bytes; };
  const auto count = [](const FileTree::Sum& sum) { return sum.files; };
  const Truth less =
      is_less(has.map(count), had.map(count)) || is_less(has.map(bytes), had.map(bytes));
  all.any_less = all.any_less || less;
  const std::string line =
      fmt::format("{}: {} files in the folder, {} in the volume", copy.folder,
                  had.is_ok() ? fmt::format("{}", had->files) : "?",
                  has.is_ok() ? fmt::format("{}", has->files) : (has.is_absent() ? "none" : "?"));
  step.evidence(line);
  if (less.is_yes()) all.less.push_back(line);
  if (!copy.is_database) return;
  const auto old_version = files.pg_version(from);
  const Truth fits = files.pg_version(to).test(
      [&](const std::string& text) { return !old_version.is_ok() || text == *old_version; });
  all.any_unfit = all.any_unfit || !fits;
  if (fits.is_no()) all.unfit.push_back(to);
}

Volumes compare_all(Step& step) {
  Volumes all;
  for (const Copy& copy : kCopies) compare(step, copy, all);
  return all;
}

Truth has_claims(const Step& step) {
  return step.cluster().all("PersistentVolumeClaim").test([](const auto& all) {
    return std::ranges::any_of(all, [](const Json* claim) { return is_kaapanas(*claim); });
  });
}

bool has_condition(const Json& job, std::string_view type) {
  const Json* const conditions = value_at(job, "/status/conditions");
  return conditions && conditions->is_array() &&
         std::ranges::any_of(*conditions, [&](const Json& condition) {
           return text_at(condition, "/type") == type && text_at(condition, "/status") == "True";
         });
}

bool is_migration(const Json& object) { return name_of(object).starts_with("migrate-"); }

/// Whether a volume of the new classes is removed together with its claim.
Truth any_volume_is_deleted(const Step& step) {
  return step.cluster().all("PersistentVolume").test([](const auto& all) {
    return std::ranges::any_of(all, [](const Json* volume) {
      return is_kaapanas(*volume) &&
             text_at(*volume, "/spec/persistentVolumeReclaimPolicy") == "Delete";
    });
  });
}

}  // namespace

void judge_k06_1(Step& step) {
  const std::string& backup = step.profile().get("platform.backup");
  if (backup.empty()) {
    step.decide("taken", Truth::unknown({State::unreachable, "profile",
                                         "platform.backup is not set: where is the backup?"}));
    return;
  }
  const FileTree& files = step.files();
  const std::string& fast = step.now().fast();
  const std::string& slow = step.now().slow();
  Truth any = false, all = true, less = false, running = false;
  std::vector<std::string> missing;
  for (const Copy& copy : kCopies) {
    const auto original = files.sum(old_folder(step, copy));
    if (original.is_absent()) continue;
    // FAST and SLOW may have been copied into one folder, or each with its own name.
    std::string place = join(backup, copy.folder);
    const std::string& root = copy.is_slow ? slow : fast;
    const std::string inner = join(join(backup, root.substr(root.rfind('/') + 1)), copy.folder);
    if (files.exists(inner).is_yes()) place = inner;
    const auto saved = files.sum(place);
    const auto bytes = [](const FileTree::Sum& sum) { return sum.bytes; };
    const auto count = [](const FileTree::Sum& sum) { return sum.files; };
    const Truth is_part = is_less(saved.map(count), original.map(count)) ||
                          is_less(saved.map(bytes), original.map(bytes));
    any = any || saved.exists();
    all = all && saved.exists();
    less = less || is_part;
    running = running || files.exists(join(place, "postmaster.pid"));
    if (is_part.is_yes() || saved.is_absent()) missing.emplace_back(copy.folder);
  }
  step.set("backup", backup);
  step.set("missing", some_of(missing));
  step.decide("inside", any && Truth(is_within(backup, fast) || is_within(backup, slow)));
  step.decide("none", !any);
  step.decide("running", running);
  // What the new platform writes is no part of it.
  step.decide("incomplete", !step.is_after() && (!all || less));
  step.decide("taken", all && !running && !less);
}

void judge_k06_2(Step& step) {
  const std::string marker = step.now().fast("version");
  const auto text = step.files().text(marker);
  const auto version =
      text.map([](const std::string& found) { return parse_platform_version(found); });
  const auto& running = step.now().version();
  step.set("marker", marker);
  step.set("text", text.is_ok() ? *text : "");
  const bool is_known = running && running->has_patch && running->version >= Version{0, 5, 0};
  set_version_command(step, marker, is_known ? to_string(running->version) : "");
  const auto is = [&](auto holds) {
    return version.test([&](const auto& found) { return found && holds(*found); });
  };
  step.decide("missing", !text.exists());
  step.decide("fresh", text.test([](const std::string& found) { return found.contains("fresh"); }));
  step.decide("nonsense", version.test([](const auto& found) { return !found; }));
  step.decide("short", is([](const auto& found) { return !found.has_patch; }));
  step.decide("old", is([](const auto& found) { return found.version < Version{0, 5, 0}; }));
  step.decide("written", version.exists());
  step.trap("K5", is([](const auto& found) { return !found.has_patch; }));
}

void judge_k06_3(Step& step) {
  set_deploy_command(step, kTarget);
  const auto claims = step.cluster().all("PersistentVolumeClaim");
  std::vector<std::string> open;
  if (claims.is_ok()) {
    for (const Json* claim : *claims) {
      const std::string phase = text_at(*claim, "/status/phase");
      if (is_kaapanas(*claim) && phase != "Bound") {
        open.push_back(fmt::format("{} ({})", name_of(*claim), phase));
      }
    }
  }
  step.set("open", some_of(open));
  const Truth any = has_claims(step);
  step.decide("none", !any);
  step.decide("open", any && Truth(!open.empty()));
  step.decide("made", any && Truth(open.empty()));
  step.trap("K3", step.files().text(step.now().fast("version")).test([](const std::string& text) {
    return text.contains("fresh");
  }));
  step.trap("K6", any_volume_is_deleted(step));
}

void judge_k06_4(Step& step) {
  const auto jobs = step.cluster().all("Job");
  std::vector<std::string> failed, running;
  bool any = false;
  if (jobs.is_ok()) {
    for (const Json* job : *jobs) {
      if (!is_migration(*job)) continue;
      any = true;
      if (has_condition(*job, "Failed")) {
        failed.push_back(name_of(*job));
      } else if (!has_condition(*job, "Complete")) {
        running.push_back(name_of(*job));
      }
    }
  }
  const auto pods = step.now().pods();
  const Truth is_used = pods.test([](const auto& all) {
    return std::ranges::any_of(all, [](const Json* pod) {
      return !is_migration(*pod) && text_at(*pod, "/status/phase") == "Running";
    });
  });
  const Volumes compared = compare_all(step);
  step.set("failed", some_of(failed));
  step.set("running", some_of(running));
  const Truth seen = jobs.exists();
  step.decide("used", seen && Truth(!running.empty()) && is_used);
  step.decide("failed", seen && Truth(!failed.empty()));
  step.decide("running", seen && Truth(!running.empty()));
  step.decide("copied", seen && Truth(any));
  // Jobs may have been removed since.
  step.decide("there", seen && Truth(compared.any) && !compared.any_less && !compared.any_unfit);
  step.decide("none", seen && !step.is_after());
  const Truth cannot_start = pods.test([](const auto& all) {
    return std::ranges::any_of(all, [](const Json* pod) {
      return is_migration(*pod) && pod_status(*pod).contains("Image");
    });
  });
  const auto marker = step.files().text(step.now().fast("version"));
  step.trap("K1", seen && Truth(any && failed.empty() && running.empty()) &&
                      marker.test([](const std::string& text) {
                        const auto version = parse_platform_version(text);
                        return version && version->version < kTarget;
                      }));
  step.trap("K2", cannot_start || (seen && Truth(!failed.empty())));
  step.trap("K4",
            runs_at_least(step, kTarget) && seen && Truth(!running.empty() || !failed.empty()));
}

void judge_k06_5(Step& step) {
  const Volumes compared = compare_all(step);
  const Truth any = has_claims(step);
  const Truth after = step.is_after();
  step.set("less", some_of(compared.less));
  step.set("unfit", some_of(compared.unfit));
  step.decide("no-claims", !any);
  step.decide("unfit", any && compared.any_unfit);
  step.decide("less", any && !after && compared.any_less);
  step.decide("same", any && Truth(compared.any) && !compared.any_less && !compared.any_unfit);
  if (after.is_yes() && compared.any_less.is_yes()) {
    step.decide("same", Truth::unknown({State::unreachable, "baseline",
                                        "0.6 has written since: compare before it runs"}));
  }
}

void judge_k06_6(Step& step) {
  set_deploy_command(step, kTarget);
  const Truth is_new = runs_at_least(step, kTarget);
  const auto rows = compare_rows(step, rows_before(step), rows_in_database(step.now()));
  const Truth fails = any_pod_fails(step);
  const Truth good = all_pods_good(step);
  if (step.files().exists(step.now().fast("postgres-dcm4che")).is_yes()) {
    step.evidence(fmt::format("the old folders in {} are kept", step.now().fast()));
  }
  step.set("rows", rows.text);
  step.decide("not-deployed", !is_new);
  step.decide("empty", is_new && rows.is_empty);
  step.decide("fewer", is_new && rows.any_fewer);
  step.decide("failing", is_new && fails);
  step.decide("starting", is_new && !good);
  step.decide("running", is_new && good && !rows.any_fewer);
}

}  // namespace dagfix::runtime

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "runtime/steps/common.hpp"
#include "runtime/steps/steps.hpp"

// The guide 0.3 to 0.4, steps on the new platform.
namespace dagfix::runtime {

namespace {

constexpr std::string_view kRestored = "restored_meta-index";
constexpr std::uint32_t kSearchUser = 1000;  // 0.4.1:services/meta/opensearch, deployment.yaml

std::string admin_bucket(const Step& step) { return step.profile().get("namespaces.project"); }

/// Documents of meta-index before the upgrade.
Answer<std::uint64_t> documents_before(const Step& step) {
  if (!step.baseline())
    return Unseen{State::unreachable, "baseline", "there is no bundle from before"};
  return step.baseline()->search().count("meta-index");
}

std::string shown(const Answer<std::uint64_t>& count) {
  return count.is_ok() ? fmt::format("{}", *count) : std::string("unknown");
}

Truth is_empty(const Answer<std::uint64_t>& count) {
  return !count.test([](std::uint64_t found) { return found > 0; });
}

/// Keys that end so; none if there is no such bucket.
Answer<std::vector<std::string>> keys_with(const Step& step, std::string_view bucket,
                                           std::string_view prefix, std::string_view end) {
  const auto keys = step.now().objects().keys(bucket, prefix);
  if (keys.is_absent()) return std::vector<std::string>();
  return keys.map([&](const std::vector<std::string>& all) {
    std::vector<std::string> found;
    std::ranges::copy_if(all, std::back_inserter(found),
                         [&](const std::string& key) { return key.ends_with(end); });
    return found;
  });
}

Truth is_none(const Answer<std::vector<std::string>>& keys) {
  return !keys.test([](const auto& found) { return !found.empty(); });
}

/// Thumbnails before the upgrade, by their names without folders: those of one name become one.
Answer<std::uint64_t> thumbnails_before(const Step& step) {
  if (!step.baseline())
    return Unseen{State::unreachable, "baseline", "there is no bundle from before"};
  return step.baseline()->objects().keys("thumbnails").map([](const auto& keys) {
    std::set<std::string_view> names;
    for (const std::string& key : keys) {
      if (key.ends_with(".png")) names.insert(std::string_view(key).substr(key.rfind('/') + 1));
    }
    return static_cast<std::uint64_t>(names.size());
  });
}

/// Host folders of the deployment that the application "minio-sync" starts.
Answer<std::vector<std::string>> synced_folders(const Step& step) {
  return step.cluster()
      .in("Deployment", step.profile().get("namespaces.services"))
      .map([](const Kubernetes::Objects& all) {
        std::vector<std::string> folders;
        for (const Json* deployment : all) {
          const Json* const initial = value_at(*deployment, "/spec/template/spec/initContainers");
          const bool is_sync =
              initial && initial->is_array() && std::ranges::any_of(*initial, [](const Json& one) {
                return text_at(one, "/name") == "minio-sync-permission-fix";
              });
          const Json* const volumes = value_at(*deployment, "/spec/template/spec/volumes");
          if (!is_sync || !volumes || !volumes->is_array()) continue;
          for (const Json& volume : *volumes) {
            const std::string path = text_at(volume, "/hostPath/path");
            if (!path.empty()) folders.push_back(path);
          }
          if (folders.empty()) folders.push_back("a persistent volume");
        }
        return folders;
      });
}

}  // namespace

void judge_k04_8a(Step& step) {
  const FileTree& files = step.files();
  const std::string folder = step.now().fast("os/snapshots");
  const Truth has_index = files.exists(join(folder, "index.latest"));
  const auto below = files.below(folder);
  const Truth has_other_owner = below.test([](const auto& all) {
    return std::ranges::any_of(all, [](const FileInfo& info) { return info.uid != kSearchUser; });
  });
  const Truth is_nested = below.test([&](const auto& all) {
    return std::ranges::any_of(all, [&](const FileInfo& info) {
      return info.name() == "index.latest" && info.path != join(folder, "index.latest");
    });
  });
  const Truth is_any = below.test([](const auto& all) { return !all.empty(); });
  const std::string& saved = step.profile().get("platform.snapshots");
  Truth is_part = false;
  if (!saved.empty() && files.exists(join(saved, "index.latest")).is_yes()) {
    const auto count = [](const FileTree::Sum& sum) { return sum.files; };
    is_part = is_less(files.sum(folder).map(count), files.sum(saved).map(count));
  }
  step.set("folder", folder);
  step.decide("nested", is_nested && !has_index);
  step.decide("none", !is_any);
  step.decide("incomplete", is_any && (!has_index || is_part));
  step.decide("owner", has_index && has_other_owner);
  step.decide("copied", has_index && !has_other_owner && !is_part);
  step.trap("T15", is_any && has_other_owner);
}

void judge_k04_8b(Step& step) {
  constexpr std::string_view kPlace = "/usr/share/opensearch/snapshots";
  const auto repositories = step.now().search().repositories();
  std::vector<std::string> places;
  if (repositories.is_ok()) {
    for (const auto& repository : *repositories) places.push_back(repository.location);
  }
  step.set("places", some_of(places));
  const Truth is_there = repositories.test([&](const auto& all) {
    return std::ranges::any_of(all, [&](const Search::Repository& repository) {
      return repository.type == "fs" && is_within(repository.location, kPlace);
    });
  });
  const Truth is_any = repositories.test([](const auto& all) { return !all.empty(); });
  step.decide("there", is_there);
  step.decide("outside", is_any && !is_there);
  step.decide("none", !is_any);
  step.trap("T14", repositories.test([](const auto& all) {
    return std::ranges::any_of(all, [](const Search::Repository& repository) {
      return repository.location.starts_with("/usr/share/snapshots");
    });
  }));
}

void judge_k04_8c(Step& step) {
  const Search& search = step.now().search();
  const auto index = search.index(kRestored);
  const auto count = search.count(kRestored);
  const auto before = documents_before(step);
  const auto admin = search.count("project_admin");
  step.set("count", shown(count));
  step.set("before", shown(before));
  const Truth is_there = count.exists();
  const auto without = search.count("meta-index");
  step.set("plain", shown(without));
  step.decide("red", index.test([](const auto& found) { return found.health == "red"; }));
  step.decide("further",
              !is_there && before.exists() && !is_less(admin, before) && !is_empty(admin));
  step.decide("no-prefix", step.is_after() && !is_there && !is_empty(without));
  step.decide("none", !is_there);
  step.decide("running", is_there && !search.is_recovered(kRestored));
  step.decide("less", is_there && is_less(count, before));
  step.decide("restored", is_there && !is_less(count, before));
}

void judge_k04_9(Step& step) {
  const Search& search = step.now().search();
  const auto merged = search.count("project_merged");
  const auto restored = search.count(kRestored);
  const auto admin = search.count("project_admin");
  const auto before = documents_before(step);
  step.set("merged", shown(merged));
  step.set("restored", shown(restored));
  step.decide("skipped", !merged.exists() && !is_empty(admin) && !is_less(admin, before));
  step.decide("running", search.is_reindexing());
  step.decide("none", is_empty(merged));
  const Truth less =
      is_less(merged, restored) || (step.baseline() ? is_less(merged, before) : Truth(false));
  step.decide("less", less);
  step.decide("merged", merged.exists() && !less);
}

void judge_k04_10(Step& step) {
  const Search& search = step.now().search();
  const auto admin = search.count("project_admin");
  const auto before = documents_before(step);
  step.set("count", shown(admin));
  step.set("before", shown(before));
  step.decide("none", is_empty(admin));
  step.decide("running", search.is_reindexing());
  step.decide("less", is_less(admin, before));
  // New documents may make up for old ones that are missing: a sample of ids tells.
  std::vector<std::string> missing;
  for (const std::string_view source : {kRestored, std::string_view("project_merged")}) {
    std::ranges::copy(search.missing_ids(source, "project_admin"), std::back_inserter(missing));
  }
  step.set("missing", some_of(missing));
  step.decide("others", Truth(!missing.empty()));
  step.decide("copied", !is_empty(admin) && !is_less(admin, before));
  step.trap("T16",
            search.index("project_merged").exists() && !is_less(admin, before) && !is_empty(admin));
}

void judge_k04_10b(Step& step) {
  const Sql& sql = step.now().sql();
  const auto known = sql.count("dwf", "dicom-data-count");
  const auto placed = sql.count("dwf", "data-projects-count");
  const auto series = sql.count("pacsdb", "series-uids");
  step.set("known", shown(known));
  step.set("placed", shown(placed));
  step.set("series", shown(series));
  step.decide("none", is_empty(known) && !is_empty(series));
  step.decide("without-project", is_less(placed, known));
  step.decide("part", is_less(known, series));
  step.decide("filled", known.exists() && !is_less(known, series) && !is_less(placed, known));
  step.trap("T16b", is_empty(known) && !is_empty(series));
}

namespace {

/// Whether old buckets still have what is to be moved.
Truth has_to_move(const Step& step) {
  return !is_none(keys_with(step, "thumbnails", "", ".png")) ||
         !is_none(keys_with(step, "staticwebsiteresults", "", ""));
}

}  // namespace

void judge_k04_11_1(Step& step) {
  const auto folders = synced_folders(step);
  const Truth runs = folders.test([](const auto& found) { return !found.empty(); });
  std::vector<std::string> bad;
  if (folders.is_ok()) {
    static constexpr std::array<std::string_view, 7> kData = {
        "postgres-backend", "postgres-airflow", "postgres-dcm4che", "keycloak", "os", "ldap",
        "slapd.d"};
    for (const std::string& folder : *folders) {
      const bool is_all = folder == step.now().fast();
      const bool is_data = std::ranges::any_of(
          kData, [&](std::string_view name) { return is_within(folder, step.now().fast(name)); });
      if (is_all || is_data) bad.push_back(folder);
    }
  }
  const Truth nothing = !has_to_move(step);
  step.set("bad", some_of(bad));
  step.decide("database", folders.exists() && Truth(!bad.empty()));
  step.decide("not-needed", nothing && !runs);
  step.decide("running", runs);
  step.decide("none", !runs && !nothing);
  step.trap("T18", folders.exists() && Truth(!bad.empty()));
}

void judge_k04_11_3a(Step& step) {
  const auto old_ones = keys_with(step, "thumbnails", "", ".png");
  const auto new_ones = keys_with(step, admin_bucket(step), "thumbnails/", ".png");
  const auto before = thumbnails_before(step);
  const Truth fewer = is_none(old_ones) && before.exists() && new_ones.test([&](const auto& keys) {
    return before.is_ok() && keys.size() < *before;
  });
  step.set("before", shown(before));
  const Truth is_deep = new_ones.test([](const auto& keys) {
    return std::ranges::any_of(
        keys, [](const std::string& key) { return std::ranges::count(key, '/') > 1; });
  });
  step.set("old", old_ones.is_ok() ? fmt::format("{}", old_ones->size()) : "");
  step.set("new", new_ones.is_ok() ? fmt::format("{}", new_ones->size()) : "");
  step.decide("deep", is_deep);
  if (step.baseline()) step.decide("fewer", fewer);
  step.decide("not-needed", is_none(old_ones) && is_none(new_ones));
  step.decide("part", !is_none(old_ones) && !is_none(new_ones));
  step.decide("moved", is_none(old_ones) && !is_none(new_ones));
  step.decide("old-place", !is_none(old_ones));
}

void judge_k04_11_3b(Step& step) {
  const auto old_ones = keys_with(step, "staticwebsiteresults", "", "");
  const auto new_ones = keys_with(step, admin_bucket(step), "staticwebsiteresults/", "");
  const auto doubled =
      keys_with(step, admin_bucket(step), "staticwebsiteresults/staticwebsiteresults/", "");
  step.set("old", old_ones.is_ok() ? fmt::format("{}", old_ones->size()) : "");
  step.set("new", new_ones.is_ok() ? fmt::format("{}", new_ones->size()) : "");
  step.decide("doubled", !is_none(doubled));
  if (step.baseline()) {
    const auto before = step.baseline()->objects().keys("staticwebsiteresults");
    step.set("before", before.is_ok() ? fmt::format("{}", before->size()) : "no");
    step.decide("fewer", is_none(old_ones) && before.test([&](const auto& all) {
      return new_ones.is_ok() && new_ones->size() < all.size();
    }));
  }
  step.decide("not-needed", is_none(old_ones) && is_none(new_ones));
  step.decide("part", !is_none(old_ones) && !is_none(new_ones));
  step.decide("moved", is_none(old_ones) && !is_none(new_ones));
  step.decide("old-place", !is_none(old_ones));
}

void judge_k04_11_4(Step& step) {
  const auto folders = synced_folders(step);
  const auto releases = step.now().releases();
  const auto any = [&](auto holds) {
    return releases.test([&](const auto& all) {
      return std::ranges::any_of(all, [&](const Kubernetes::Release& release) {
        return release.name.contains("minio-sync") && holds(release);
      });
    });
  };
  const Truth runs = folders.test([](const auto& found) { return !found.empty(); });
  step.decide("stuck", any([](const auto& release) { return release.status != "deployed"; }));
  step.decide("running", runs || any([](const auto&) { return true; }));
  const Truth is_gone = !runs && !any([](const auto&) { return true; });
  step.decide("not-used", is_gone && has_to_move(step));
  step.decide("gone", is_gone && !has_to_move(step));
}

void judge_k04_12a(Step& step) {
  const Truth has_role = step.now().keycloak().has_role("project-manager");
  const auto job =
      step.cluster().find("Job", step.profile().get("namespaces.admin"), "keycloak-init");
  const Truth has_failed = job.test([](const Json* found) {
    const Json* const failed = value_at(*found, "/status/failed");
    const Json* const succeeded = value_at(*found, "/status/succeeded");
    return failed && *failed != 0 && !succeeded;
  });
  step.decide("there", has_role);
  step.decide("init-failed", !has_role && has_failed);
  step.decide("none", !has_role);
}

void judge_k04_12b(Step& step) {
  const Keycloak& keycloak = step.now().keycloak();
  const auto groups = keycloak.groups();
  const auto has_role = [&](std::string_view group) {
    return keycloak.group_roles(group).test([](const auto& roles) {
      return std::ranges::find(roles, "project-manager") != roles.end();
    });
  };
  const auto count = groups.is_ok() ? std::ranges::count(*groups, "kaapana_project_manager") : 0;
  step.set("count", fmt::format("{}", count));
  const Truth is_mapped = has_role("kaapana_project_manager");
  step.decide("groups", groups.exists() && Truth(count != 1));
  step.decide("mapped", is_mapped);
  step.decide("not-mapped", !is_mapped);
  if (has_role("kaapana_admin").is_no()) {
    step.evidence("kaapana_admin does not have the role; a fresh installation gives it that, too");
  }
}

void judge_k04_13(Step& step) {
  const auto errors = step.now().sql().rows("airflow", "import-errors");
  std::vector<std::string> broken;
  if (errors.is_ok()) {
    for (const Sql::Row& row : *errors) broken.push_back(row.front().value_or(""));
  }
  set_dag_names(step);
  step.set("broken", some_of(broken));
  // Before the upgrade it is an error of the old platform.
  step.decide("import-errors", step.is_after() && errors.exists() && Truth(!broken.empty()));
  step.decide("old", Truth(step.dags() && step.dags()->is_open()));
  step.decide("clean", errors.exists() && Truth(broken.empty()) && step.has_clean_dags());
}

}  // namespace dagfix::runtime

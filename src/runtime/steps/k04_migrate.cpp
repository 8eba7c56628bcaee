#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "runtime/steps/common.hpp"
#include "runtime/steps/steps.hpp"
#include "runtime/view/dumps.hpp"

// The guide 0.3 to 0.4, from the undeployed old platform to the new one.
namespace dagfix::runtime {

namespace {

constexpr Version kTarget{0, 4, 0};
constexpr Version kFirstWithSnapshots{0, 4, 1};
// What only the migration script of this guide has.
constexpr std::string_view kScriptWords = "postgres17-backend";

struct Database {
  std::string_view name;    // in TMP_MIGRATION_DIR
  std::string_view folder;  // in FAST_DATA_DIR
};

/// Rows that a dump had, and that its database has to have again.
struct Rows {
  std::string_view dump;
  std::string_view database;
  std::string_view table;
  std::string_view query;
};
constexpr std::array<Rows, 11> kRows{{
    {"backend", "backend", "dataset", "dataset-count"},
    {"backend", "backend", "identifier2dataset", "dataset-series-count"},
    {"backend", "backend", "workflow", "workflow-count"},
    {"keycloak", "keycloak", "user_entity", "user-count"},
    {"keycloak", "keycloak", "keycloak_group", "group-count"},
    {"airflow", "airflow", "dag_run", "dag-run-count"},
    {"dcm4che", "pacsdb", "patient", "patient-count"},
    {"dcm4che", "pacsdb", "study", "study-count"},
    {"dcm4che", "pacsdb", "series", "series-count"},
    {"dcm4che", "pacsdb", "instance", "instance-count"},
    {"dcm4che", "pacsdb", "location", "location-count"},
}};

// 0.4.1:utils/migration-0.3.x-0.4.x.sh, in its order.
constexpr std::array<Database, 4> kDatabases{{{"backend", "postgres-backend"},
                                              {"keycloak", "keycloak/db-files"},
                                              {"airflow", "postgres-airflow"},
                                              {"dcm4che", "postgres-dcm4che"}}};

Truth is_version(const Answer<std::string>& text, std::string_view version) {
  return text.test([&](const std::string& found) { return found == version; });
}

/// kubelet's minor version of the first node: 31 of "v1.31.2".
Answer<int> kubelet(const Step& step) {
  return step.cluster().all("Node").map([](const Kubernetes::Objects& nodes) {
    if (nodes.empty()) return 0;
    const auto version = text_at(*nodes.front(), "/status/nodeInfo/kubeletVersion");
    const auto parsed = parse_platform_version(std::string_view(version).substr(
        std::min<std::size_t>(version.starts_with('v') ? 1 : 0, version.size())));
    return parsed ? static_cast<int>(parsed->version.minor) : 0;
  });
}

Truth all_migrated(const Step& step) {
  Truth all = true;
  for (const Database& database : kDatabases) {
    all = all && is_version(step.files().pg_version(step.now().fast(database.folder)), "17");
  }
  return all;
}

/// Where the script is with one database.
struct Progress {
  Truth is_old = false;      // FAST has 15
  Truth is_new = false;      // FAST has 17
  Truth is_gone = false;     // FAST has nothing
  Truth is_short = false;    // FAST has less than the script made
  Truth has_backup = false;  // the script began
  Truth has_data = false;    // it restored
  Truth is_dump_cut = false;
};

Progress look_at(const Step& step, const std::string& folder, const Database& database) {
  const FileTree& files = step.files();
  const std::string here = step.now().fast(database.folder);
  const std::string work = join(folder, database.name);
  const auto version = files.pg_version(here);
  Progress progress;
  progress.is_old = is_version(version, "15");
  progress.is_new = is_version(version, "17");
  progress.is_gone = !files.exists(here);
  if (folder.empty()) return progress;
  const auto made = files.sum(join(work, "data"));
  const auto copied = files.sum(here);
  const auto count = [](const FileTree::Sum& sum) { return sum.files; };
  progress.has_backup = files.exists(join(work, "backup"));
  progress.has_data = is_version(files.pg_version(join(work, "data")), "17");
  progress.is_short = progress.is_new && made.exists() &&
                      is_less(copied.map(count), made.map(count)) && !step.is_after();
  const std::string dump_path = join(folder, fmt::format("dumps/{}.dump", database.name));
  const auto dump = Dumps(step.now().bundle()).at(dump_path);
  progress.is_dump_cut =
      progress.has_backup && dump.test([](const DumpFile& found) { return !found.is_complete; });
  return progress;
}

/// Rows before: of the dump, else of the bundle from before.
Answer<std::uint64_t> rows_before(const Step& step, const Dumps& dumps, const Rows& rows) {
  const std::string& folder = step.profile().get("platform.migration");
  const auto dump = folder.empty()
                        ? Answer<DumpFile>::absent()
                        : dumps.at(join(folder, fmt::format("dumps/{}.dump", rows.dump)));
  if (dump.is_ok()) {
    const auto count = dump->rows(rows.table);
    return count.is_absent() ? Answer<std::uint64_t>(0) : count;
  }
  if (step.baseline()) return step.baseline()->sql().count(rows.database, rows.query);
  if (dump.is_unseen()) return dump.unseen();
  return Unseen{State::unreachable, "baseline",
                "there is no dump in TMP_MIGRATION_DIR to compare with, and no bundle from before"};
}

/// Whether a new database has fewer rows than its dump; {rows} tells of which table.
Truth lost_rows(Step& step) {
  Truth any = false;
  const Dumps dumps(step.now().bundle());
  std::vector<std::string> lost;
  for (const Rows& rows : kRows) {
    const auto before = rows_before(step, dumps, rows);
    const auto now = step.now().sql().count(rows.database, rows.query);
    const Truth less = is_less(now, before);
    any = any || less;
    if (!before.is_ok() || now.is_unseen()) continue;
    const std::string line = fmt::format("{} {}: {} before, {} now", rows.dump, rows.table, *before,
                                         now.is_ok() ? *now : 0);
    step.evidence(line);
    if (less.is_yes()) lost.push_back(line);
  }
  step.set("rows", some_of(lost));
  return any;
}

/// Whether the archive's database is of before 5.33, which the script updates while it dumps it.
Truth has_old_schema(const Step& step, const Truth& after) {
  constexpr std::string_view kTable = "series";
  constexpr std::string_view kColumn = "access_control_id";
  if (!after.is_no()) return after && !step.now().sql().has("pacsdb", kTable, kColumn);
  const std::string& folder = step.profile().get("platform.migration");
  if (folder.empty()) return false;
  const auto dump = Dumps(step.now().bundle()).at(join(folder, "dumps/dcm4che.dump"));
  // The database tells later; a dump that is not there yet says nothing.
  return dump.is_ok() && dump->columns.contains(kTable) && !dump->has_column(kTable, kColumn);
}

/// Volumes of the cluster that are no folders of Kaapana's.
Answer<std::vector<std::string>> foreign_volumes(const Step& step) {
  return step.cluster().all("PersistentVolume").map([&](const Kubernetes::Objects& all) {
    std::vector<std::string> names;
    for (const Json* volume : all) {
      const std::string path = text_at(*volume, "/spec/hostPath/path");
      const bool is_kaapanas =
          is_within(path, step.now().fast()) || is_within(path, step.now().slow());
      if (!is_kaapanas) names.push_back(name_of(*volume));
    }
    return names;
  });
}

}  // namespace

void judge_k04_4(Step& step) {
  const auto releases = step.now().releases();
  const auto pods = step.now().pods();
  std::vector<std::string> names;
  if (pods.is_ok()) {
    for (const Json* pod : *pods) names.push_back(name_of(*pod));
  }
  step.set("pods", some_of(names));
  const Truth none_deployed = releases.test([](const auto& all) { return all.empty(); });
  const Truth any_left = pods.test([](const auto& all) { return !all.empty(); });
  step.decide("pods-left", !step.is_after() && none_deployed && any_left);
  // "gone" needs both: without pods that could be seen nothing is said.
  if (any_left.is_unknown() && none_deployed.is_yes() && !step.is_after().is_yes()) {
    step.decide("gone", any_left);
    return;
  }
  judge_releases(step, step.is_after());
  const auto foreign = foreign_volumes(step);
  step.trap("T20b",
            Truth(step.is_open()) && foreign.test([](const auto& all) { return !all.empty(); }));
  if (step.is_open() && foreign.is_ok() && !foreign->empty()) {
    step.evidence("volumes that are not Kaapana's: " + some_of(*foreign));
  }
}

void judge_k04_5a(Step& step) {
  step.decide("over", step.is_past() || !step.files().exists("/snap/microk8s"));
  const auto script = judge_script(step, "server_installation", "DEFAULT_MICRO_VERSION");
  const Truth is_right = script.test([&](const ShellScript& text) {
    const auto version = text.variable("DEFAULT_MICRO_VERSION");
    step.set("channel", version.value_or(""));
    return version && version->starts_with("1.28");
  });
  step.decide("there", is_right);
  step.decide("other", !is_right);
}

void judge_k04_5b(Step& step) {
  const FileTree& files = step.files();
  const Truth is_there = files.exists("/snap/microk8s");
  const Truth has_program = files.exists("/snap/bin/microk8s");
  const Truth has_data = files.exists("/var/snap/microk8s");
  const auto minor = kubelet(step);
  const Truth is_new = minor.test([](int found) { return found >= 31; });
  step.decide("over", is_new || step.is_after());
  step.decide("half", !is_there && has_program);
  step.decide("there", is_there && !is_new);
  step.decide("data-left", !is_there && has_data);
  step.decide("gone", !is_there && !has_program && !has_data);
  const std::string script = find_script(step, "server_installation", "=1.28");
  step.set("script", script_path(step, script, "server_installation.sh"));
  step.trap("T19", Truth(step.is_open()) && !is_executable(step, script));
}

void judge_k04_6a(Step& step) {
  step.decide("over", all_migrated(step));
  const auto script = judge_script(step, "migration", kScriptWords);
  step.decide("there", script.exists());
  step.trap("T02b", Truth(step.is_open()) && script.test([](const ShellScript& text) {
    return !text.instead_of_script().empty();
  }));
}

void judge_k04_6b(Step& step) {
  step.decide("over", all_migrated(step));
  const Bundle& bundle = step.now().bundle();
  auto script = ShellScript::read(bundle, "scripts/migration-0.3.x-0.4.x.sh");
  for (const std::string_view name : bundle.names("scripts/migration")) {
    auto other = ShellScript::read(bundle, name);
    if (other.is_ok() && other->variable("IMAGE_POSTGRES_NEW")) script = std::move(other);
  }
  const auto deploy = ShellScript::read(bundle, step.now().deploy_script());
  const auto value = [&](const char* name) {
    return script.is_ok() ? script->variable(name).value_or("") : std::string();
  };
  const std::string fast = value("FAST_DATA_DIR");
  const std::string work = value("TMP_MIGRATION_DIR");
  const std::string registry = value("CONTAINER_REGISTRY_URL");
  const std::string image = value("IMAGE_POSTGRES_NEW");
  const std::string old_tag(tag_of(value("IMAGE_POSTGRES_OLD")));
  const auto& version = step.now().version();
  const std::string wanted = version && version->has_patch ? to_string(version->version) : old_tag;
  const Truth is_read = script.exists();
  const Truth has_other_registry = deploy.test([&](const ShellScript& text) {
    const auto used = text.variable("CONTAINER_REGISTRY_URL");
    return used && !used->empty() && *used != registry;
  });
  step.set("work", work);
  step.set("script-fast", fast);
  step.set("registry", registry);
  step.set("old-tag", old_tag);
  step.set("wanted", wanted);
  step.decide("no-script", !is_read);
  step.decide("inside", is_read && Truth(is_within(work, fast)));
  step.decide("other-fast", is_read && Truth(fast != step.now().fast()));
  step.decide("old-image", is_read && Truth(!image.contains("postgres-17")));
  step.decide("other-tag", is_read && Truth(old_tag != wanted));
  step.decide("defaults", is_read && has_other_registry);
  step.decide("set", is_read && !has_other_registry);
  step.trap("T17", is_read && step.files().exists(join(work, "backend")));
  const std::string archive_old = value("IMAGE_POSTGRES_DCM4CHE_OLD");
  step.trap("T13", is_read && Truth(!archive_old.empty() &&
                                    value("IMAGE_POSTGRES_DCM4CHE_NEW") == archive_old));
}

void judge_k04_6c(Step& step) {
  step.decide("over", all_migrated(step));
  const auto text = step.files().text("/root/.docker/config.json");
  const auto deploy = ShellScript::read(step.now().bundle(), step.now().deploy_script());
  std::string host = "registry.hzdr.de";
  if (deploy.is_ok()) {
    const std::string url = deploy->variable("CONTAINER_REGISTRY_URL").value_or("");
    if (!url.empty()) host = url.substr(0, url.find('/'));
  }
  step.set("registry", host);
  const auto hosts = text.map([](const std::string& found) {
    std::vector<std::string> names;
    const Json json = Json::parse(found, nullptr, false);
    const Json* const list = json.is_object() ? value_at(json, "/auths") : nullptr;
    if (list && list->is_object()) {
      for (const auto& [name, _] : list->items()) names.push_back(name);
    }
    return names;
  });
  const Truth is_in =
      hosts.test([&](const auto& names) { return std::ranges::find(names, host) != names.end(); });
  const Truth is_hub = hosts.test([](const auto& names) {
    return std::ranges::any_of(
        names, [](const std::string& name) { return name.contains("index.docker.io"); });
  });
  step.decide("logged-in", is_in);
  step.decide("hub", !is_in && is_hub);
  step.decide("not-logged-in", !is_in);
  step.trap("T20", Truth(step.is_open()) && is_hub);
}

void judge_k04_6d(Step& step) {
  const FileTree& files = step.files();
  const std::string& folder = step.profile().get("platform.migration");
  Truth all_new = true, all_old = true, any_gone = false, any_short = false, any_cut = false;
  Truth any_begun = false, any_inner = false;
  std::vector<std::string> gone, cut, shorter, left, done, inner, copies, restores;
  for (const Database& database : kDatabases) {
    const Progress progress = look_at(step, folder, database);
    all_new = all_new && progress.is_new;
    all_old = all_old && progress.is_old;
    any_gone = any_gone || progress.is_gone;
    any_short = any_short || progress.is_short;
    const Truth is_cut = progress.is_dump_cut && !progress.is_new;
    any_cut = any_cut || is_cut;
    any_begun = any_begun || progress.has_backup;
    const auto below = inner_database(files, step.now().fast(database.folder));
    any_inner =
        any_inner || (below.is_unseen() ? progress.is_new && below.exists() : below.exists());
    if (below.is_ok()) inner.push_back(*below);
    if (progress.is_old.is_yes() && progress.has_data.is_yes()) {
      const std::string place = step.now().fast(database.folder);
      const std::string made = join(join(folder, database.name), "data");
      copies.push_back(fmt::format("sudo mv {0} {0}-15", shell_quoted(place)));
      copies.push_back(fmt::format("sudo cp -a {} {}", shell_quoted(made), shell_quoted(place)));
    }
    const std::string name(database.folder);
    if (progress.is_gone.is_yes()) gone.push_back(name);
    if (progress.is_gone.is_yes() && progress.has_data.is_yes()) {
      restores.push_back(fmt::format("sudo cp -a {} {}",
                                     shell_quoted(join(join(folder, database.name), "data")),
                                     shell_quoted(step.now().fast(database.folder))));
    }
    if (is_cut.is_yes()) cut.emplace_back(database.name);
    if (progress.is_short.is_yes()) shorter.push_back(name);
    (progress.is_new.is_yes() ? done : left).push_back(name);
  }
  const Truth has_search = files.exists(step.now().fast("os")) && !step.is_after();
  const Truth is_nested =
      folder.empty() ? Truth(false) : files.exists(join(folder, "opensearch/backup/os"));
  step.set("gone", some_of(gone));
  step.set("cut", some_of(cut));
  step.set("shorter", some_of(shorter));
  step.set("left", some_of(left));
  step.set("done", some_of(done));
  step.set("inner", some_of(inner));
  step.set_commands("copies", copies);
  step.set_commands("restores", restores);
  step.decide("inner", any_inner);
  step.decide("gone", any_gone);
  step.decide("shorter", any_short);
  step.decide("dump-cut", any_cut);
  step.decide("nested", is_nested);
  step.decide("search-left", all_new && has_search);
  // Servers that can be asked are there again only when the new platform runs.
  const Truth after = step.is_after();
  const Truth lost = after.is_no() ? Truth(false) : lost_rows(step);
  if (after.is_no() && all_new.is_yes()) {
    step.evidence("rows are compared with the dumps when 0.4 runs: keep TMP_MIGRATION_DIR");
  }
  const Truth is_old = has_old_schema(step, after);
  step.decide("fewer-rows", all_new && after && lost);
  step.decide("old-schema", is_old);
  step.decide("migrated", all_new && !has_search && !lost && !is_old);
  step.trap("T17b", is_old);
  step.decide("part", !all_new && !all_old);
  step.decide("begun", all_old && any_begun);
  step.decide("not-started", all_old && !any_begun);
  step.trap("T17", all_old && any_begun);
  const std::string script = find_script(step, "migration", kScriptWords);
  step.set("script", script_path(step, script, "migration-0.3.x-0.4.x.sh"));
  step.trap("T19", all_old && !any_begun && !is_executable(step, script));
}

void judge_k04_7a(Step& step) {
  const auto minor = kubelet(step);
  const Truth has_nodes = minor.test([](int found) { return found > 0; });
  const Truth is_new = minor.test([](int found) { return found >= 31; });
  const Truth ready = step.cluster().all("Node").test([](const Kubernetes::Objects& nodes) {
    return !nodes.empty() && std::ranges::all_of(nodes, [](const Json* node) {
      const Json* const conditions = value_at(*node, "/status/conditions");
      if (!conditions || !conditions->is_array()) return false;
      return std::ranges::any_of(*conditions, [](const Json& condition) {
        return text_at(condition, "/type") == "Ready" && text_at(condition, "/status") == "True";
      });
    });
  });
  const auto arguments = step.files().text("/var/snap/microk8s/current/args/kube-apiserver");
  const Truth lacks_gate = arguments.is_ok()
                               ? Truth(!arguments->contains("ValidatingAdmissionPolicy=true"))
                               : Truth(false);
  step.set("minor", minor.is_ok() ? fmt::format("{}", *minor) : "");
  const bool is_first = step.is_after().is_no() && all_migrated(step).is_no();
  step.decide("not-yet-removed", has_nodes && !is_new && Truth(is_first));
  step.decide("old", has_nodes && !is_new);
  step.decide("no-gate", is_new && lacks_gate);
  step.decide("not-ready", is_new && !ready);
  step.decide("ready", is_new && ready);
  step.decide("none", !has_nodes);
}

void judge_k04_7b(Step& step) {
  const Truth is_new = runs_at_least(step, kTarget);
  const Truth has_snapshots = runs_at_least(step, kFirstWithSnapshots);
  const Truth fails = any_pod_fails(step);
  const Truth good = all_pods_good(step);
  const std::string strange = strange_volume(step);
  step.set("strange", strange);
  set_deploy_command(step, kTarget);
  step.decide("too-old", is_new && !has_snapshots);
  step.decide("other-folder", is_new && Truth(!strange.empty()));
  step.decide("failing", is_new && fails);
  step.decide("starting", is_new && !good);
  step.decide("running", has_snapshots && good);
  step.decide("not-deployed", !is_new);
  step.trap("T03", is_new && !has_snapshots);
}

}  // namespace dagfix::runtime

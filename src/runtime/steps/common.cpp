#include "runtime/steps/common.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <span>

namespace dagfix::runtime {

namespace {

std::string shown(const Answer<std::uint64_t>& count) {
  if (count.is_ok()) return fmt::format("{}", *count);
  return count.is_absent() ? "none" : "not seen";
}

/// Names of pods that hold, with their status.
template <typename Holds>
std::vector<std::string> pods_that(const Kubernetes::Objects& pods, Holds holds) {
  std::vector<std::string> names;
  for (const Json* pod : pods) {
    if (!holds(*pod)) continue;
    names.push_back(fmt::format("{}/{} ({})", namespace_of(*pod), name_of(*pod), pod_status(*pod)));
  }
  return names;
}

bool fails(const Json& pod) {
  const std::string status = pod_status(pod);
  static constexpr std::string_view kBad[] = {"CrashLoop", "ImagePull",       "ErrImage",
                                              "Failed",    "CreateContainer", "InvalidImage"};
  return std::ranges::any_of(kBad, [&](std::string_view bad) { return status.contains(bad); });
}

Truth any_namespace_terminating(const Step& step) {
  return step.cluster().all("Namespace").test([](const Kubernetes::Objects& all) {
    return std::ranges::any_of(all, [](const Json* name_space) {
      return text_at(*name_space, "/status/phase") == "Terminating";
    });
  });
}

}  // namespace

std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 5;
  const auto shown = std::span(names).first(std::min(names.size(), kMost));
  std::string text = fmt::format("{}", fmt::join(shown, ", "));
  if (names.size() > kMost) text += fmt::format(" and {} more", names.size() - kMost);
  return text;
}

Truth is_less(const Answer<std::uint64_t>& left, const Answer<std::uint64_t>& right) {
  if (left.is_unseen()) return left.exists();
  if (right.is_unseen()) return right.exists();
  return (left.is_ok() ? *left : 0) < (right.is_ok() ? *right : 0);
}

void judge_kept(Step& step, const std::vector<Kept>& pairs) {
  Truth any_less = pairs.empty() ? Step::without_baseline() : Truth(false);
  std::vector<std::string> lost;
  for (const Kept& pair : pairs) {
    const Truth less = is_less(pair.now, pair.before);
    any_less = any_less || less;
    const std::string line =
        fmt::format("{}: {} before, {} now", pair.label, shown(pair.before), shown(pair.now));
    step.evidence(line);
    if (less.is_yes()) lost.push_back(line);
  }
  step.set("lost", some_of(lost));
  step.decide("lost", any_less);
  step.decide("kept", !any_less);
}

Truth any_pod_fails(Step& step) {
  const auto pods = step.now().pods();
  if (!pods.is_ok()) return pods.exists();
  const auto names = pods_that(*pods, fails);
  if (!names.empty()) step.set("pods", some_of(names));
  return !names.empty();
}

Truth all_pods_good(Step& step) {
  const auto pods = step.now().pods();
  if (!pods.is_ok()) return pods.exists();
  const auto names = pods_that(*pods, [](const Json& pod) { return !is_pod_good(pod); });
  if (!names.empty()) step.set("waiting", some_of(names));
  return names.empty() && !pods->empty();
}

Truth runs_at_least(const Step& step, Version version) {
  // Without pods to look at nothing is known of their images: that is not "no".
  const Truth runs = step.now().is_running();
  if (!runs.is_yes()) return runs;
  const auto& found = step.now().version();
  return found && found->evidence.starts_with("image ") && found->version >= version;
}

Answer<std::string> inner_database(const FileTree& files, const std::string& folder) {
  const auto children = files.children(folder);
  if (!children.is_ok()) return children.map([](const auto&) { return std::string(); });
  for (const FileInfo& child : *children) {
    if (child.is_folder() && files.exists(join(child.path, "PG_VERSION")).is_yes()) {
      return std::string(child.path);
    }
  }
  return Answer<std::string>::absent();
}

std::string strange_volume(const Step& step) {
  const auto volumes = step.cluster().all("PersistentVolume");
  const auto script = ShellScript::read(step.now().bundle(), step.now().deploy_script());
  if (!volumes.is_ok() || !script.is_ok()) return {};
  for (const Json* volume : *volumes) {
    const std::string name = name_of(*volume);
    const bool is_fast = name.ends_with("dcm4chee-postgres-pv-volume");
    if (!is_fast && !name.ends_with("dcm4chee-dicom-pv-volume")) continue;
    const auto folder = script->variable(is_fast ? "FAST_DATA_DIR" : "SLOW_DATA_DIR");
    const std::string path = text_at(*volume, "/spec/hostPath/path");
    // The script puts the instance's id behind the folder.
    if (folder && !folder->empty() && !folder->contains('$') && !path.starts_with(*folder)) {
      return fmt::format("{} is {}, the script has {}", name, path, *folder);
    }
  }
  return {};
}

void set_dag_names(Step& step) {
  std::vector<std::string> names;
  const DagPlan* const plan = step.dags();
  if (plan) {
    for (const DagFile& file : plan->files)
      names.push_back(file.path.substr(plan->folder.size() + 1));
  }
  const std::size_t count = plan ? plan->findings() : 0;
  step.set("findings", fmt::format("{} finding{}", count, count == 1 ? "" : "s"));
  step.set("files", some_of(names));
  step.set_commands("fix", plan ? plan->commands : std::vector<std::string>());
}

std::string find_script(const Step& step, std::string_view prefix, std::string_view words) {
  const Bundle& bundle = step.now().bundle();
  const auto names = bundle.names(fmt::format("scripts/{}", prefix));
  std::string_view found = names.empty() ? std::string_view() : names.back();
  // Scripts of several versions may lie beside each other.
  for (const std::string_view name : names) {
    const auto script = ShellScript::read(bundle, name);
    if (script.is_ok() && script->text().contains(words)) found = name;
  }
  return std::string(found);
}

Truth is_executable(const Step& step, std::string_view entry) {
  const auto mode = script_line(step.now().bundle(), entry).map([](const std::string& line) {
    const auto tab = line.find('\t');
    return tab + 3 < line.size() ? line[tab + 1] - '0' : 0;
  });
  if (mode.is_ok()) return *mode % 2 == 1;
  return mode.is_absent() ? Truth::unknown({State::unreachable, std::string(kScriptModes),
                                            "does not have the script"})
                          : mode.exists();
}

std::string script_path(const Step& step, std::string_view entry, std::string_view otherwise) {
  if (entry.empty()) return std::string(otherwise);
  const auto line = script_line(step.now().bundle(), entry);
  if (line.is_ok()) return line->substr(line->rfind('\t') + 1);
  return std::string(entry.substr(entry.rfind('/') + 1));
}

Truth lacks_script(const Step& step, std::string_view prefix) {
  const Bundle& bundle = step.now().bundle();
  if (!bundle.names(fmt::format("scripts/{}", prefix)).empty()) return false;
  return bundle.lines(kScriptModes, [](std::string_view) { return false; }).exists();
}

Answer<ShellScript> judge_script(Step& step, std::string_view prefix, std::string_view words) {
  const Bundle& bundle = step.now().bundle();
  const std::string used = find_script(step, prefix, words);
  auto script =
      used.empty()
          ? Answer<ShellScript>(
                Unseen{State::unreachable, fmt::format("scripts/{}*", prefix), "not in the bundle"})
          : ShellScript::read(bundle, used);
  // Who collected scripts, and not this one, has looked.
  const bool has_looked = bundle.find(kScriptModes) != nullptr;
  const Truth missing = used.empty() && has_looked ? Truth(true) : !script.exists();
  step.set("script", used.empty() ? std::string() : used.substr(8));
  step.decide("missing", missing);
  const Truth is_other = script.test([&](const ShellScript& text) {
    step.set("instead", std::string(text.instead_of_script()));
    if (!text.instead_of_script().empty()) return true;
    if (text.text().contains(words)) return false;
    step.set("instead", "another script");
    return true;
  });
  step.decide("no-script", is_other);
  return script;
}

void set_deploy_command(Step& step, Version target) {
  const Bundle& bundle = step.now().bundle();
  std::string path = step.profile().get("platform.deploy-script");
  for (const std::string_view name : bundle.names("scripts/deploy_platform")) {
    const auto script = ShellScript::read(bundle, name);
    const auto text = script.is_ok() ? script->variable("PLATFORM_VERSION") : std::nullopt;
    const auto version = text ? parse_platform_version(*text) : std::nullopt;
    if (!version) continue;
    const Version found = version->version;
    if (found.major == target.major && found.minor == target.minor) {
      path = script_path(step, name, name);
      break;
    }
    if (name == step.now().deploy_script() && found < target) path.clear();
  }
  std::vector<std::string> commands;
  if (!path.empty()) commands.push_back(shell_quoted(path));
  step.set_commands("deploy", std::move(commands));
}

void set_version_command(Step& step, const std::string& marker, const std::string& version) {
  std::vector<std::string> commands;
  if (!version.empty()) {
    commands.push_back(
        fmt::format("echo {} | sudo tee {}", shell_quoted(version), shell_quoted(marker)));
  }
  step.set("full", version);
  step.set_commands("write", std::move(commands));
}

void judge_releases(Step& step, const Truth& after) {
  const auto releases = step.now().releases();
  std::vector<std::string> names;
  const auto any = [&](auto holds) {
    return releases.test([&](const auto& all) {
      return std::ranges::any_of(all, [&](const Kubernetes::Release& release) {
        return holds(std::string_view(release.status));
      });
    });
  };
  if (releases.is_ok()) {
    for (const auto& release : *releases) {
      names.push_back(fmt::format("{} ({})", release.name, release.status));
    }
  }
  step.set("releases", some_of(names));
  step.decide("over", after);
  step.decide("stuck", !after && any([](std::string_view status) {
                return status == "failed" || status.starts_with("pending");
              }));
  step.decide("leaving",
              !after && any([](std::string_view status) { return status == "uninstalling"; }));
  step.decide("deployed", !after && any([](std::string_view) { return true; }));
  step.decide("gone", !any([](std::string_view) { return true; }));
}

void judge_wait(Step& step) {
  const auto pods = step.now().pods();
  std::vector<std::string> names;
  if (pods.is_ok()) names = pods_that(*pods, [](const Json&) { return true; });
  step.set("pods", some_of(names));
  // A pod that was to go an hour before the cluster was looked at will not go by itself.
  const auto taken = parse_time(step.now().bundle().info.taken_at);
  const Truth is_stuck = pods.test([&](const Kubernetes::Objects& all) {
    return std::ranges::any_of(all, [&](const Json* pod) {
      const auto since = parse_time(text_at(*pod, "/metadata/deletionTimestamp"));
      return since && taken && *taken - *since > std::chrono::hours(1);
    });
  });
  const Truth any_left = pods.test([](const auto& all) { return !all.empty(); });
  const Truth is_leaving = any_namespace_terminating(step) || pods.test([](const auto& all) {
    return std::ranges::any_of(all, [](const Json* pod) {
      return value_at(*pod, "/metadata/deletionTimestamp") != nullptr;
    });
  });
  const Truth after = step.is_after();
  step.decide("over", after);
  step.decide("stuck", !after && is_stuck);
  step.decide("leaving", !after && is_leaving);
  step.decide("left", !after && any_left);
  step.decide("clear", !any_left && !is_leaving);
}

}  // namespace dagfix::runtime

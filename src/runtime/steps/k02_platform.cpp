#include <fmt/format.h>

#include <algorithm>

#include "runtime/steps/common.hpp"
#include "runtime/steps/k02_folders.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr Version kTarget{0, 2, 0};

/// The name of a script for 0.2 in the bundle; empty if there is none.
std::string script_name(const Step& step, std::string_view prefix) {
  for (const std::string_view name : step.now().bundle().names(fmt::format("scripts/{}", prefix))) {
    if (name.contains("0.2.")) return std::string(name);
  }
  return {};
}

/// Whether a script's file may be started: scripts/modes.tsv.
Truth is_executable(const Step& step, std::string_view entry) {
  const std::string_view name = entry.substr(entry.rfind('/') + 1);
  bool is_set = false;
  bool is_known = false;
  const auto read = step.now().bundle().lines("scripts/modes.tsv", [&](std::string_view line) {
    if (!line.ends_with("/" + std::string(name))) return true;
    const auto tab = line.find('\t');
    is_known = true;
    is_set = tab + 3 < line.size() && (line[tab + 1] - '0') % 2 == 1;
    return false;
  });
  if (!read.is_ok()) return read.exists();
  return is_known ? Truth(is_set)
                  : Truth::unknown({State::unreachable, "scripts/modes.tsv", "does not have it"});
}

/// Version of Kubernetes on the node: "v1.26.15". Absent: there is no node.
Answer<std::string> kubelet(const Step& step) {
  const auto nodes = step.cluster().all("Node");
  if (!nodes.is_ok()) return nodes.map([](const auto&) { return std::string(); });
  if (nodes->empty()) return Answer<std::string>::absent();
  return text_at(*nodes->front(), "/status/nodeInfo/kubeletVersion");
}

bool is_ready(const Json& node) {
  const Json* const conditions = value_at(node, "/status/conditions");
  return conditions && std::ranges::any_of(*conditions, [](const Json& condition) {
           return text_at(condition, "/type") == "Ready" && text_at(condition, "/status") == "True";
         });
}

/// 0.2 brings Kubernetes 1.26; 0.1.3 had 1.23.
Truth is_new_cluster(const Step& step) {
  return kubelet(step).test(
      [](const std::string& text) { return text.starts_with("v1.") && text.substr(3, 2) >= "26"; });
}

}  // namespace

void judge_k02_01(Step& step) {
  const Bundle& bundle = step.now().bundle();
  const bool has_looked = bundle.find("scripts/modes.tsv") != nullptr;
  Truth missing = false;
  Truth executable = true;
  std::vector<std::string> strange;
  std::vector<std::string> wrong;
  std::vector<std::string> commands;
  for (const std::string_view prefix : {"server_installation", "deploy_platform"}) {
    const std::string entry = script_name(step, prefix);
    if (entry.empty()) {
      missing =
          missing ||
          (has_looked ? Truth(true)
                      : Truth::unknown({State::unreachable, fmt::format("scripts/{}*", prefix),
                                        "not in the bundle"}));
      continue;
    }
    const auto script = ShellScript::read(bundle, entry);
    missing = missing || !script.exists();
    executable = executable && is_executable(step, entry);
    if (!is_executable(step, entry).is_yes())
      commands.push_back("chmod +x " + shell_quoted(entry.substr(8)));
    if (!script.is_ok()) continue;
    if (!script->instead_of_script().empty()) {
      strange.push_back(fmt::format("{} is {}", entry.substr(8), script->instead_of_script()));
      continue;
    }
    const bool is_server = prefix == "server_installation";
    const auto version = script->variable(is_server ? "DEFAULT_MICRO_VERSION" : "PLATFORM_VERSION");
    const std::string_view wanted = is_server ? "1.26" : "0.2.";
    if (version && !version->starts_with(wanted) && !version->empty()) {
      wrong.push_back(fmt::format("{} has {}", entry.substr(8), *version));
    }
  }
  step.set_commands("chmod", commands);
  step.set("strange", some_of(strange));
  step.set("wrong", some_of(wrong));
  step.decide("no-script", Truth(!strange.empty()));
  step.decide("wrong-version", Truth(!wrong.empty()));
  step.decide("missing", missing);
  step.decide("not-executable", !missing && !executable);
  step.decide("there", !missing && executable);
}

void judge_k02_02(Step& step) {
  // Whatever runs later belongs to 0.2, not to this step.
  judge_releases(step, has_new_layout(step) || step.files().exists(old_fast(step)));
}

void judge_k02_03(Step& step) {
  const FileTree& files = step.files();
  const Truth has_snap = files.exists("/snap/microk8s");
  const Truth has_program = files.exists("/snap/bin/microk8s");
  const Truth has_data = files.exists("/var/snap/microk8s");
  step.decide("over", is_new_cluster(step));
  step.decide("half", has_snap && !has_program);
  step.decide("installed", has_program);
  step.decide("leftover", !has_snap && !has_program && has_data);
  step.decide("removed", !has_snap && !has_program && !has_data);
}

void judge_k02_04(Step& step) {
  constexpr const char* kHost = "host.json";
  const auto boot_of = [](const Platform& platform) {
    return platform.bundle().json(kHost).map(
        [](const Json& host) { return parse_time(text_at(host, "/boot_time")); });
  };
  const auto booted = boot_of(step.now());
  const auto taken = parse_time(step.now().bundle().info.taken_at);
  const bool is_known = booted.is_ok() && *booted;
  Truth known = booted.exists();
  if (booted.is_ok() && !*booted) {
    known = Truth::unknown({State::malformed, kHost, "has no boot_time"});
  }
  step.set("boot", is_known ? to_string(**booted) : std::string());
  Truth is_later = known && Step::without_baseline();
  if (step.baseline() && is_known) {
    const auto before = parse_time(step.baseline()->bundle().info.taken_at);
    is_later = before ? Truth(**booted > *before) : Step::without_baseline();
  }
  step.decide("over", is_new_cluster(step));
  step.decide("clock",
              known && Truth(is_known && taken && **booted > *taken + std::chrono::hours(1)));
  step.decide("rebooted", known && is_later);
  step.decide("not-rebooted", known && !is_later);
}

void judge_k02_05(Step& step) {
  const auto version = kubelet(step);
  const Truth has_program =
      step.files().exists("/snap/bin/microk8s") || step.files().exists("/snap/microk8s");
  const Truth ready = step.cluster().all("Node").test([](const auto& nodes) {
    return !nodes.empty() &&
           std::ranges::all_of(nodes, [](const Json* node) { return is_ready(*node); });
  });
  const Truth has_dns = step.cluster().in("Pod", "kube-system").test([](const auto& pods) {
    return std::ranges::any_of(pods, [](const Json* pod) {
      return name_of(*pod).starts_with("coredns") && is_pod_good(*pod);
    });
  });
  step.set("version", version.is_ok() ? *version : std::string());
  step.decide("none", !has_program);
  step.decide("old", version.exists() && !is_new_cluster(step));
  step.decide("not-ready", version.exists() && !ready);
  step.decide("no-dns", ready && !has_dns);
  step.decide("ready", is_new_cluster(step) && ready && has_dns);
}

void judge_k02_06(Step& step) {
  const std::string entry = script_name(step, "deploy_platform");
  const auto script =
      entry.empty() ? Answer<ShellScript>(Unseen{State::unreachable, "scripts/deploy_platform_0.2*",
                                                 "not in the bundle"})
                    : ShellScript::read(step.now().bundle(), entry);
  const auto has = [&](std::string_view name) {
    return script.test([&](const ShellScript& text) {
      const auto value = text.variable(name);
      return value && !value->empty();
    });
  };
  const Truth user = has("CONTAINER_REGISTRY_USERNAME");
  const Truth password = has("CONTAINER_REGISTRY_PASSWORD");
  const auto pods = step.now().pods();
  const Truth cannot_pull = pods.test([](const auto& all) {
    return std::ranges::any_of(all, [](const Json* pod) {
      return pod_status(*pod).contains("ImagePull") || pod_status(*pod).contains("ErrImage");
    });
  });
  step.set("script", entry.empty() ? std::string() : entry.substr(8));
  step.decide("no-url", script.exists() && !has("CONTAINER_REGISTRY_URL"));
  step.decide("refused", cannot_pull);
  step.decide("empty", script.exists() && !user && !password);
  step.decide("one", script.exists() && (!user || !password));
  step.decide("set", user && password);
}

void judge_k02_08(Step& step) {
  const Truth is_new = runs_at_least(step, kTarget);
  const Truth fails = any_pod_fails(step);
  const Truth good = all_pods_good(step);
  step.decide("failing", is_new && fails);
  step.decide("starting", is_new && !good);
  step.decide("running", is_new && good);
  step.decide("made", has_new_layout(step));
  step.decide("not-deployed", !is_new);
}

void judge_k02_10(Step& step) {
  const Truth is_made = has_new_layout(step);
  // Once the copies are there, it was done.
  const Truth is_over = is_made && compare_copies(step).all;
  step.decide("too-early", !is_made);
  // Nothing deployed may also mean that nothing was yet.
  if (is_made.is_unknown()) return;
  judge_releases(step, is_over);
}

void judge_k02_13(Step& step) {
  const Truth is_new = runs_at_least(step, kTarget);
  const Truth is_old_gone = !step.files().exists(old_fast(step));
  const Truth copied = compare_copies(step).all || (is_old_gone && has_new_layout(step));
  const Truth fails = any_pod_fails(step);
  const Truth good = all_pods_good(step);
  step.decide("not-copied", !copied);
  step.decide("failing", is_new && fails);
  step.decide("starting", is_new && !good);
  step.decide("running", is_new && good && copied);
  step.decide("not-deployed", !is_new);
}

}  // namespace dagfix::runtime

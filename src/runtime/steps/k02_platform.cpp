#include <fmt/format.h>

#include <algorithm>

#include "runtime/steps/common.hpp"
#include "runtime/steps/k02_folders.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

constexpr Version kTarget{0, 2, 0};

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

constexpr std::string_view kServer = "server_installation";
constexpr std::string_view kDeploy = "deploy_platform";

/// The path of a script that has `words`, or what the guide calls it.
std::string script_of(const Step& step, std::string_view prefix, std::string_view words,
                      std::string_view otherwise) {
  const std::string entry = find_script(step, prefix, words);
  const auto script = ShellScript::read(step.now().bundle(), entry);
  const bool fits = script.is_ok() && script->text().contains(words);
  return script_path(step, fits ? entry : std::string(), otherwise);
}

}  // namespace

void judge_k02_02(Step& step) {
  // Whatever runs later belongs to 0.2, not to this step.
  judge_releases(step, has_new_layout(step) || step.files().exists(old_fast(step)));
  step.trap("T02", Truth(step.is_open()) && lacks_script(step, "install_platform"));
}

void judge_k02_03(Step& step) {
  const FileTree& files = step.files();
  const Truth has_snap = files.exists("/snap/microk8s");
  const Truth has_program = files.exists("/snap/bin/microk8s");
  const Truth has_data = files.exists("/var/snap/microk8s");
  step.set("script", script_of(step, kServer, "=1.23", "server_installation.sh"));
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
  step.set("script", script_of(step, kServer, "=1.26", "server_installation_0.2.2.sh"));
  step.set("old-script", script_of(step, kServer, "=1.23", "server_installation.sh"));
  step.decide("none", !has_program);
  step.decide("old", version.exists() && !is_new_cluster(step));
  step.decide("not-ready", version.exists() && !ready);
  step.decide("no-dns", ready && !has_dns);
  step.decide("ready", is_new_cluster(step) && ready && has_dns);
}

void judge_k02_08(Step& step) {
  const Truth is_new = runs_at_least(step, kTarget);
  const Truth fails = any_pod_fails(step);
  const Truth good = all_pods_good(step);
  step.set("script", script_of(step, kDeploy, "\"0.2.", "deploy_platform_0.2.2.sh"));
  step.decide("failing", is_new && fails);
  step.decide("starting", is_new && !good);
  step.decide("running", is_new && good);
  step.decide("made", has_new_layout(step));
  step.decide("not-deployed", !is_new);
}

void judge_k02_10(Step& step) {
  const Truth is_made = has_new_layout(step);
  // Once the copies are there, it was done.
  const Truth is_over = is_made && (compare_copies(step).all || has_old_rows(step));
  step.decide("too-early", !is_made);
  // Nothing deployed may also mean that nothing was yet.
  if (is_made.is_unknown()) return;
  judge_releases(step, is_over);
  step.trap("T04", Truth(step.is_open()) && lacks_script(step, "deploy_plaform"));
}

void judge_k02_13(Step& step) {
  const Truth is_new = runs_at_least(step, kTarget);
  const Truth is_old_gone = !step.files().exists(old_fast(step));
  const Truth copied =
      compare_copies(step).all || (is_old_gone && has_new_layout(step)) || has_old_rows(step);
  const Truth fails = any_pod_fails(step);
  const Truth good = all_pods_good(step);
  step.set("script", script_of(step, kDeploy, "\"0.2.", "deploy_platform_0.2.2.sh"));
  step.decide("not-copied", !copied);
  step.decide("failing", is_new && fails);
  step.decide("starting", is_new && !good);
  step.decide("running", is_new && good && copied);
  step.decide("not-deployed", !is_new);
}

}  // namespace dagfix::runtime

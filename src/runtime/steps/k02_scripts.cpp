#include <fmt/format.h>

#include <algorithm>

#include "runtime/steps/common.hpp"
#include "runtime/steps/steps.hpp"

namespace dagfix::runtime {

namespace {

/// The name of a script for 0.2 in the bundle; empty if there is none.
std::string script_name(const Step& step, std::string_view prefix) {
  for (const std::string_view name : step.now().bundle().names(fmt::format("scripts/{}", prefix))) {
    if (name.contains("0.2.")) return std::string(name);
  }
  return {};
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
    const Truth may_start = is_executable(step, entry);
    executable = executable && may_start;
    if (!may_start.is_yes()) commands.push_back("chmod +x " + shell_quoted(entry.substr(8)));
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

}  // namespace dagfix::runtime

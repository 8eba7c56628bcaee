#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "rules/api/history.hpp"
#include "rules/code/rules.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kBase = "kaapana.operators.KaapanaBaseOperator.KaapanaBaseOperator";
/// The first that the constructor reads.
constexpr std::string_view kVariable = "KEYCLOAK_URL";

bool is_test(const RuleContext& context) {
  const std::string_view path = context.file.path();
  const std::string_view name = path.substr(path.find_last_of("/\\") + 1);
  return name == "conftest.py" || name.starts_with("test_") || name.ends_with("_test.py") ||
         std::ranges::any_of(context.model.imports(), [](const Import& import) {
           return import.module == "pytest" || import.module == "unittest";
         });
}

/// Whether a module of Kaapana has an operator that is made from KaapanaBaseOperator.
bool has_container_operator(std::string_view module, Version version) {
  const std::string path = fmt::format("{}.{}", module, module.substr(module.rfind('.') + 1));
  if (path == kBase) return true;
  const ApiBlock* block = ApiHistory::embedded().find("class", path, version);
  return block && std::ranges::any_of(block->members(version), [](const ApiMember& member) {
           return member.kind == "base" && member.text == kBase;
         });
}

}  // namespace

void check_test_environment(const RuleContext& context) {
  if (!is_test(context) || context.file.text().contains(kVariable)) return;
  for (const Import& import : context.model.imports()) {
    if (!import.module.starts_with("kaapana.operators.")) continue;
    if (!has_container_operator(import.module, context.rules.to())) continue;
    DraftFinding finding;
    finding.range = import.item.range();
    finding.message = fmt::format(
        "the constructor of a container operator reads {} and seven other variables since 0.5.0: "
        "a KeyError outside of the platform",
        kVariable);
    finding.remedy =
        "set them before the operator is made, in conftest.py for example: those of Kaapana's "
        "services, their names end with _URL";
    // Once is enough.
    return context.report(std::move(finding));
  }
}

}  // namespace dagfix

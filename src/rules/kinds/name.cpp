#include <fmt/format.h>

#include <algorithm>

#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

std::string_view stem_of(std::string_view path) {
  path = path.substr(path.rfind('/') + 1);
  if (path.ends_with(".py")) path.remove_suffix(3);
  return path;
}

bool is_kaapanas_own(std::string_view path) {
  return path.find("kaapana/operators/") != std::string_view::npos;
}

void report(const RuleContext& context, const NameEntry& entry, std::string_view what,
            ByteRange range) {
  DraftFinding finding;
  finding.range = range;
  finding.message = fmt::format("this {} is called like the operator {} that Kaapana has since {}",
                                what, entry.name, to_string(entry.since.value_or(Version{})));
  finding.remedy = fmt::format(
      "rename yours, or use Kaapana's if it does what you need; "
      "import kaapana.operators.{} by its full path until then",
      entry.name);
  context.report(std::move(finding));
}

}  // namespace

void check_name(const RuleContext& context) {
  if (is_kaapanas_own(context.file.path())) return;
  for (const NameEntry& entry : context.rule->names) {
    if (!context.rules.in_range(entry.since)) continue;
    if (entry.until && *entry.until <= context.rules.to()) continue;
    bool defined = false;
    for (const Binding& binding : context.model.bindings()) {
      if (binding.kind != BindingKind::class_ || binding.target.text() != entry.name) continue;
      report(context, entry, "class", binding.target.range());
      defined = true;
    }
    if (!defined && stem_of(context.file.path()) == entry.name) {
      report(context, entry, "module", {0, 0});
    }
  }
}

}  // namespace dagfix

#include <fmt/format.h>

#include "rules/code/rules.hpp"
#include "rules/environment.hpp"

namespace dagfix {

namespace {

constexpr std::string_view kOld = "ORIG_IMAGE_OPERATOR_DIR";
constexpr std::string_view kNew = "GET_REF_SERIES_OPERATOR_DIR";
constexpr std::string_view kOperator =
    "kaapana.operators.GenerateThumbnailOperator.GenerateThumbnailOperator";

DraftFinding describe(Node literal) {
  DraftFinding finding;
  finding.range = literal.range();
  finding.message =
      fmt::format("GenerateThumbnailOperator sets {} instead of {} since 0.5.0", kNew, kOld);
  finding.remedy = fmt::format("use {}", kNew);
  return finding;
}

FixDraft rename(ByteRange content, Safety safety) {
  FixDraft fix;
  fix.safety = safety;
  fix.title = fmt::format("rename it to {}", kNew);
  fix.edits = {{content, std::string(kNew)}};
  return fix;
}

/// Whether a string is a key in the env_vars of a GenerateThumbnailOperator.
bool belongs_to_thumbnail(const SemanticModel& model, Node literal) {
  const auto symbol = model.resolve(call_with_variable(literal).child(Field::function));
  return symbol && symbol->certain && symbol->path == kOperator;
}

}  // namespace

void check_thumbnail_variable(const RuleContext& context) {
  // A project whose own operators set the variable may go on to read it.
  const bool own = context.project.facts.set_variables.contains(kOld);
  for (std::uint32_t id = 0; id < context.tree().size(); ++id) {
    const Node literal = context.tree().node(id);
    if (!literal.is(Kind::string)) continue;
    const auto content = plain_content(literal);
    if (!content || context.file.slice(*content) != kOld) continue;
    DraftFinding finding = describe(literal);
    if (literal.parent().is(Kind::pair) && literal.field() == Field::key) {
      if (!belongs_to_thumbnail(context.model, literal)) continue;
      finding.fix = rename(*content, Safety::safe);
    } else if (is_read_variable(literal)) {
      if (own) continue;
      finding.remedy += ", if this script is run by GenerateThumbnailOperator";
      finding.fix = rename(*content, Safety::unsafe);
    } else {
      continue;
    }
    context.report(std::move(finding));
  }
}

}  // namespace dagfix

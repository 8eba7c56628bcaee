#include <algorithm>

#include "rules/class_uses.hpp"
#include "rules/minio.hpp"

namespace dagfix {

namespace {

/// A keyword of the producer that says where it writes.
Level level_by_keyword(const RuleContext& context, Node call) {
  const auto level = context.model.constant(keyword_value(call, "level"));
  if (level && level->value == "batch") return Level::run;
  const Node batch_level = context.model.value_of(keyword_value(call, "batch_level"));
  if (batch_level.is(Kind::true_)) return Level::run;
  return Level::unknown;
}

/// DcmSendOperator(level="batch", input_operator=x) reads what x wrote below the run directory.
Level level_by_consumer(const RuleContext& context, Node producer) {
  for (const SymbolUse& use : context.model.uses()) {
    const Node call = use.expression.parent();
    if (short_name(use.symbol.path) != "DcmSendOperator" || !call.is(Kind::call)) continue;
    const Node input = keyword_value(call, "input_operator");
    const auto level = context.model.constant(keyword_value(call, "level"));
    if (level && level->value == "batch" && input.text() == producer.text()) return Level::run;
  }
  return Level::unknown;
}

}  // namespace

Level level_of(const RuleContext& context, Node operator_expression) {
  const Node call = context.model.value_of(operator_expression);
  if (!call.is(Kind::call)) return Level::unknown;
  const auto symbol = context.model.resolve(call.child(Field::function));
  if (symbol && symbol->certain && is_kaapana(symbol->path)) {
    for (const OperatorLevel& entry : context.rules.book().levels()) {
      if (entry.class_path != symbol->path) continue;
      return entry.level == "batch" ? Level::batch : Level::run;
    }
  }
  const Level by_keyword = level_by_keyword(context, call);
  return by_keyword != Level::unknown ? by_keyword
                                      : level_by_consumer(context, operator_expression);
}

}  // namespace dagfix

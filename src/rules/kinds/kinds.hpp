#pragma once

#include "rules/context.hpp"

namespace dagfix {

/// Kind "operator": a class gives way to another one (rules/kinds/operator.cpp).
void check_operator(const RuleContext& context);
/// Kind "argument": a keyword of some classes was renamed or is gone.
void check_argument(const RuleContext& context);
/// What rules of kind "argument" have to say of one call, whatever else is done with it.
std::vector<DraftFinding> argument_problems(const RuleContext& context, Node call);
/// Kind "value": a DAG id was renamed or is gone.
void check_value(const RuleContext& context);
/// Kind "name": a class or module of the project bears a name that Kaapana begins to use.
void check_name(const RuleContext& context);
/// Kind "property": a property of the form that reaches an operator's container.
void check_property(const RuleContext& context);
/// Kind "label": a label of a pod that means something to the platform has another name.
void check_label(const RuleContext& context);

/// Kind "symbol": a module, class, function or member is gone, moved or deprecated.
void check_symbol(const RuleContext& context);
/// The same for an entry that is none of the rule's. Messages say when it fails.
void check_symbol_entry(const RuleContext& context, const SymbolEntry& entry);
/// Half a sentence: when what stands at a place is reached.
std::string_view when_it_fails(Node place);
/// Kind "text": a string that means something to the platform.
void check_text(const RuleContext& context);
/// Kind "client": the objects of a class come from a function, and their methods changed.
void check_client(const RuleContext& context);

}  // namespace dagfix

#include <fmt/format.h>

#include <algorithm>

#include "rules/class_uses.hpp"
#include "rules/environment.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

bool catches_import(Node except_clause) {
  const std::string_view text = except_clause.text();
  const std::string_view head = text.substr(0, text.find(':'));
  return head == "except" || head.contains("ImportError") || head.contains("Exception") ||
         head.contains("ModuleNotFoundError");
}

/// The clause that runs if an import fails; null: nothing catches it.
Node clause_of_failure(Node import_statement) {
  for (Node outer = import_statement.parent(); outer; outer = outer.parent()) {
    if (!outer.is(Kind::try_statement)) continue;
    for (const Node part : outer.named_children()) {
      if (part.is(Kind::except_clause) && catches_import(part)) return part;
    }
  }
  return {};
}

/// Whether such a clause leaves the names of the import without a value: `X = None`, pass, a
/// message. Whatever else it does may be the way around.
bool leaves_nothing(Node except_clause) {
  const Node body = except_clause.named_children().back();
  if (!body.is(Kind::block)) return false;
  return std::ranges::all_of(body.named_children(), [](Node statement) {
    if (statement.is(Kind::pass_statement) || statement.is(Kind::comment)) return true;
    const Node expression = statement.first_child();
    if (!statement.is(Kind::expression_statement)) return false;
    if (expression.is(Kind::call)) return true;
    return expression.is(Kind::assignment) && expression.child(Field::right).is(Kind::none);
  });
}

/// Whether the code knows that an import may fail, or it is not made when the program runs.
bool is_guarded(const Import& import) {
  if (clause_of_failure(import.statement)) return true;
  for (Node outer = import.statement.parent(); outer; outer = outer.parent()) {
    if (outer.is(Kind::if_statement)) {
      const std::string_view test = outer.child(Field::condition).text();
      if (test.contains("TYPE_CHECKING") || test.contains("version_info")) return true;
    }
  }
  return false;
}

bool is_below(std::string_view path, std::string_view entry) {
  return path.starts_with(entry) || path == entry.substr(0, entry.size() - 1);
}

class SymbolChecker {
 public:
  SymbolChecker(const RuleContext& context, const SymbolEntry& entry, bool tells_when = false)
      : context_(context), entry_(entry), tells_when_(tells_when) {}

  void run() {
    if (entry_.member != SymbolEntry::Member::none) return check_members();
    if (is_replaced()) return;
    if (!is_kaapana(entry_.path)) {
      if (!entry_.everywhere && !runs_on_platform(context_.model)) return;
      if (is_projects_own()) return;
    }
    if (entry_.path.ends_with('.')) return check_prefix();
    for (const ClassUses& uses : uses_by_import(context_, entry_.path, entry_.to)) {
      const Import& import = context_.model.imports()[uses.import];
      if (is_guarded(import)) {
        check_calls_of_nothing(import);
        continue;
      }
      if (uses.shape == ImportShape::class_) {
        check_import(uses.import, &uses);
      } else if (uses.shape != ImportShape::indirect && !uses.uses.empty()) {
        report(uses.uses.front().expression, std::nullopt);
      }
    }
  }

 private:
  /// Whether another rule of the run replaces the class, and tells all there is to tell.
  bool is_replaced() const {
    return std::ranges::any_of(context_.rules.rules(), [&](const Rule* rule) {
      return rule->kind == "operator" && rule->replacement.old_class == entry_.path;
    });
  }

  /// Whether the project brings the module itself: then no platform takes it away.
  bool is_projects_own() const {
    const std::string_view module = module_of(entry_.path);
    return !module.empty() &&
           context_.project.find_module(module, context_.file.path()) != Project::npos;
  }

  void check_prefix() {
    for (ImportId id = 0; id < context_.model.imports().size(); ++id) {
      const Import& import = context_.model.imports()[id];
      const bool below = is_below(import.module, entry_.path) ||
                         (!import.name.empty() && is_below(import.qualified(), entry_.path));
      if (!below) continue;
      if (is_guarded(import)) {
        check_calls_of_nothing(import);
      } else {
        check_import(id, nullptr);
      }
    }
  }

  /// try: from gone import X / except ImportError: X = None / X(...)
  void check_calls_of_nothing(const Import& import) {
    const Node clause = clause_of_failure(import.statement);
    if (!clause || import.binding == kNone || !leaves_nothing(clause)) return;
    const auto reads = context_.model.reads_of(import.binding);
    // What asks for the name first knows what it does.
    const bool is_only_called = std::ranges::all_of(reads, [](Node read) {
      return read.parent().is(Kind::call) && read.field() == Field::function;
    });
    if (!is_only_called) return;
    for (const Node read : reads) {
      if (clause.parent().range().contains(read.range())) continue;
      DraftFinding finding;
      finding.range = read.range();
      finding.severity = entry_.severity;
      finding.message =
          fmt::format("{}; the failure is caught, and this call fails", entry_.reason);
      finding.remedy = entry_.otherwise;
      context_.report(std::move(finding));
    }
  }

  /// `uses`: of the imported name; null if the entry is about all names of a module.
  void check_import(ImportId id, const ClassUses* uses) {
    const Import& import = context_.model.imports()[id];
    const bool is_used = import.binding == kNone ||
                         !context_.model.reads_of(import.binding).empty() ||
                         is_shared(context_, import);
    if (entry_.unused && !is_used && can_be_removed(context_, import)) {
      FixDraft fix;
      fix.title = fmt::format("remove the unused import of {}", import.local);
      fix.imports.push_back({id, true, {}});
      return report(import.item, std::move(fix));
    }
    report(import.item, uses && !entry_.to.empty() ? move(*uses) : std::nullopt);
  }

  /// What makes all uses mean the new name; nothing if that is not certain.
  std::optional<FixDraft> move(const ClassUses& uses) const {
    if (!uses.blocked.empty()) return std::nullopt;
    if (has_name_conflict(context_, uses, entry_.to, false)) return std::nullopt;
    const bool suppressed = std::ranges::any_of(uses.uses, [&](const ClassUse& use) {
      return context_.is_suppressed(use.expression.range());
    });
    if (suppressed) return std::nullopt;
    FixDraft fix;
    fix.title = fmt::format("import it from {}", module_of(entry_.to));
    if (short_name(entry_.path) != short_name(entry_.to)) {
      fix.title = fmt::format("replace {} by {} from {}", short_name(entry_.path),
                              short_name(entry_.to), module_of(entry_.to));
    }
    rename_class(context_, uses, entry_.to, uses.uses, false, fix);
    return fix;
  }

  void check_members() {
    const std::string_view member = short_name(entry_.path);
    for (std::uint32_t id = 0; id < context_.tree().size(); ++id) {
      const Node attribute = context_.tree().node(id);
      if (!attribute.is(Kind::attribute)) continue;
      const Node name = attribute.child(Field::attribute);
      if (name.text() != member || !belongs(attribute.child(Field::object))) continue;
      std::optional<FixDraft> fix;
      if (!entry_.to.empty() && !is_assigned(attribute)) {
        fix.emplace();
        fix->safety = Safety::unsafe;
        fix->title = fmt::format("replace {} by {}", member, entry_.to);
        fix->edits = {{name.range(), entry_.to}};
      }
      report(attribute, std::move(fix));
    }
  }

  static bool is_assigned(Node attribute) {
    return attribute.parent().is(Kind::assignment) && attribute.field() == Field::left;
  }

  /// Whether an object has the class, or is self in a class with this base.
  bool belongs(Node object) const {
    const std::string_view wanted = module_of(entry_.path);
    const SemanticModel& model = context_.model;
    if (const auto symbol = model.resolve(object); symbol && symbol->path == wanted) return true;
    if (entry_.member == SymbolEntry::Member::of_class) return false;
    if (const auto made = model.instance_of(object); made && made->path == wanted) return true;
    if (object.text() != "self") return false;
    const auto bases =
        object.ancestor(Kind::class_definition).child(Field::superclasses).named_children();
    return std::ranges::any_of(bases, [&](Node base) {
      const auto symbol = model.resolve(base);
      return symbol && symbol->path == wanted;
    });
  }

  void report(Node place, std::optional<FixDraft> fix) {
    DraftFinding finding;
    finding.range = place.range();
    finding.severity = entry_.severity;
    finding.message = entry_.reason;
    if (tells_when_) finding.message += fmt::format(": {}", when_it_fails(place));
    finding.remedy = fix ? fix->title : entry_.otherwise;
    finding.fix = std::move(fix);
    context_.report(std::move(finding));
  }

  const RuleContext& context_;
  const SymbolEntry& entry_;
  bool tells_when_;
};

}  // namespace

std::string_view when_it_fails(Node place) {
  const bool is_later = place.ancestor(Kind::function_definition) || place.ancestor(Kind::lambda);
  return is_later ? "this fails when the code runs" : "the file cannot be imported";
}

void check_symbol_entry(const RuleContext& context, const SymbolEntry& entry) {
  SymbolChecker(context, entry, true).run();
}

void check_symbol(const RuleContext& context) {
  for (const SymbolEntry& entry : context.rule->symbols) {
    if (context.rules.in_range(entry.since, entry.until)) SymbolChecker(context, entry).run();
  }
}

}  // namespace dagfix

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "rules/arguments.hpp"
#include "rules/class_uses.hpp"
#include "rules/kinds/kinds.hpp"
#include "rules/minio.hpp"

namespace dagfix {

namespace {

/// Why the operators of a DAG have to stay as they are; empty if nothing speaks against it. The
/// containers need project_form, which only runs that the web interface starts have.
std::string reason_to_keep(const RuleContext& context, const DagInfo* dag) {
  const std::string name = dag->id ? fmt::format("DAG '{}'", *dag->id) : "its DAG";
  std::string reason;
  for (const std::string_view tag : {"service", "import"}) {
    if (std::ranges::find(dag->tags, tag) != dag->tags.end()) {
      reason = fmt::format("{} is tagged '{}'", name, tag);
    }
  }
  if (reason.empty() && !dag->tags_known) {
    return fmt::format("the tags of {} cannot be seen, and a service DAG has to keep it", name);
  }
  if (reason.empty() && !dag->schedule.empty()) {
    reason = fmt::format("{} has {}", name, dag->schedule);
  }
  if (reason.empty() && dag->id && context.project.facts.triggered_dags.contains(*dag->id)) {
    reason = fmt::format("{} is started by another DAG", name);
  }
  if (reason.empty() && dag->id &&
      context.project.has_trigger_rule(context.file.path(), *dag->id)) {
    reason = fmt::format("{} is started by a trigger rule", name);
  }
  if (reason.empty()) return {};
  return reason + ", so its runs carry no project_form, which the container needs";
}

/// The same for the operator of a call. If its DAG cannot be told, it may be any of the file.
std::string reason_to_keep(const RuleContext& context, Node call) {
  if (const DagInfo* dag = dag_of(context.model, context.dags, call)) {
    return reason_to_keep(context, dag);
  }
  for (const DagInfo& dag : context.dags) {
    if (auto reason = reason_to_keep(context, &dag); !reason.empty()) {
      return fmt::format("it may belong to a DAG that needs it: {}", reason);
    }
  }
  return {};
}

/// Checks all uses of one old class that come through one import.
class Replacer {
 public:
  Replacer(const RuleContext& context, const ClassUses& uses)
      : context_(context), data_(context.rule->replacement), uses_(uses) {}

  /// Looks at every use; whether one of them needs the old class.
  bool look() {
    for (const ClassUse& use : uses_.uses) {
      if (is_settled(use)) {
        keep_old_ = true;
      } else {
        check(use);
      }
    }
    return keep_old_;
  }

  /// `kept_elsewhere`: another import of the class in this file has to stay.
  void finish(bool kept_elsewhere) {
    if (is_choice() && good_.empty() && (!data_.works || keep_old_)) return;
    // What only tests for the class goes with the calls.
    if (kept_elsewhere && good_.empty()) return;
    // One name cannot mean both classes in a test or behind an alias: then nothing changes.
    const bool shares_name = !references_.empty() || is_module();
    if (keep_old_ && shares_name) {
      for (const auto& [use, plan] : good_) {
        report_kept(use, {"other uses of the name in this file have to stay"}, plan);
      }
      return;
    }
    // What can be done where the class stays is a fix of each call.
    if (const auto problems = name_problems(); !problems.empty() && !good_.empty()) {
      for (const auto& [use, plan] : good_) report_kept(use, problems, plan);
      return;
    }
    if (!good_.empty() || !references_.empty()) {
      report_replacement();
    } else if (!keep_old_) {
      report_unused_import();
    }
  }

 private:
  bool is_module() const {
    return uses_.shape != ImportShape::class_ && uses_.shape != ImportShape::star;
  }
  bool is_removed() const { return data_.removed && *data_.removed <= context_.rules.to(); }
  std::string_view old_name() const { return short_name(data_.old_class); }
  std::string_view new_name() const { return short_name(data_.new_class); }

  /// Whether the migration begins where both classes exist: then the old one has been chosen.
  bool is_choice() const { return !context_.rules.in_range(context_.rule->info.since); }

  /// Whether nothing changes for a use that somebody has chosen to keep.
  bool is_settled(const ClassUse& use) const {
    if (!is_choice()) return false;
    if (data_.works && context_.rules.in_range(data_.works)) return false;
    if (use.kind == UseKind::test || use.kind == UseKind::alias) return false;
    if (use.kind != UseKind::call || data_.planner != "minio") return true;
    return plan_minio_arguments(context_, data_, use.call).failure.empty();
  }

  void check(const ClassUse& use) {
    if (context_.is_suppressed(use.expression.range()) ||
        (use.call && context_.is_suppressed(use.call.range()))) {
      keep_old_ = true;
      return;
    }
    switch (use.kind) {
      case UseKind::call:
        return check_call(use);
      case UseKind::partial:
        return decide(use, data_.planner == "minio" ? plan_minio_partial(context_, data_, use.call)
                                                    : plan_partial(context_, data_, use.call));
      case UseKind::test:
      case UseKind::alias:
        references_.push_back(use);
        return;
      case UseKind::base:
        return report_kept(use, {"it is subclassed here, and the new class has another base"});
      case UseKind::other:
        return report_kept(use, {"it is used as a value here, so its calls cannot be seen"});
    }
  }

  void check_call(const ClassUse& use) {
    ArgumentPlan plan = data_.planner == "minio" ? plan_minio_arguments(context_, data_, use.call)
                                                 : plan_arguments(context_, data_, use.call);
    if (data_.works && context_.rules.to() < *data_.works) {
      return report_kept(
          use, {fmt::format("its container fails before {}", to_string(*data_.works))}, plan, true);
    }
    decide(use, std::move(plan));
  }

  void decide(const ClassUse& use, ArgumentPlan plan) {
    if (!data_.note.empty()) {
      plan.safety = Safety::unsafe;
      plan.notes.push_back(data_.note);
    }
    if (!data_.needs_form) return consider(use, std::move(plan));
    for (const Node call : calls_with_dag(use)) {
      if (auto reason = reason_to_keep(context_, call); !reason.empty()) {
        return report_kept(use, {std::move(reason)}, plan, true);
      }
    }
    if (!context_.dags.empty() && !dag_of(context_.model, context_.dags, use.call)) {
      plan.safety = Safety::unsafe;
      plan.notes.emplace_back(
          "its DAG cannot be told: see that it is no service and has no "
          "schedule");
    }
    if (auto member = lost_member(use.call); !member.empty()) {
      plan.problems.push_back(
          fmt::format("its '{}' is used later, which the new class has not", member));
    }
    consider(use, std::move(plan));
  }

  /// The calls that say to which DAG the operators of a use belong: those of a partial, if not
  /// itself.
  std::vector<Node> calls_with_dag(const ClassUse& use) const {
    if (use.kind != UseKind::partial || keyword_value(use.call, "dag")) return {use.call};
    std::vector<std::string> problems;
    auto calls = calls_of_partial(context_.model, use.call, problems);
    if (calls.empty()) calls.push_back(use.call);
    return calls;
  }

  /// A member of the old object that is used and that the new one lacks; empty: none.
  std::string lost_member(Node call) const {
    const Node target = call.parent().child(Field::left);
    if (!call.parent().is(Kind::assignment) || !target.is(Kind::identifier)) return {};
    const auto parameters = context_.rules.parameters_of(data_);
    const auto binding = binding_of(target);
    for (const Node read : binding ? context_.model.reads_of(*binding) : std::vector<Node>()) {
      if (!read.parent().is(Kind::attribute) || read.field() != Field::object) continue;
      const std::string_view member = read.parent().child(Field::attribute).text();
      const bool own = std::ranges::find(parameters, member) != parameters.end();
      if (member == "start" || (own && member != "dag" && member != "name")) {
        return std::string(member);
      }
    }
    return {};
  }

  /// The binding that an assignment to a name makes.
  std::optional<BindingId> binding_of(Node target) const {
    if (by_target_.empty()) {
      for (BindingId id = 0; id < context_.model.bindings().size(); ++id) {
        const Node bound = context_.model.bindings()[id].target;
        if (bound) by_target_.try_emplace(bound.id(), id);
      }
    }
    const auto found = by_target_.find(target.id());
    return found == by_target_.end() ? std::nullopt : std::optional(found->second);
  }

  void consider(const ClassUse& use, ArgumentPlan plan) {
    if (plan.problems.empty()) plan.problems = name_problems();
    if (plan.problems.empty()) {
      good_.emplace_back(use, std::move(plan));
    } else {
      report_kept(use, plan.problems, plan);
    }
  }

  std::vector<std::string> name_problems() const {
    if (!uses_.blocked.empty()) return {uses_.blocked};
    auto& has_conflict = has_conflict_[keep_old_ ? 1 : 0];
    // It looks at all uses, and is asked for each of them.
    if (!has_conflict) {
      has_conflict = has_name_conflict(context_, uses_, data_.new_class, keep_old_);
    }
    if (!*has_conflict) return {};
    return {fmt::format("the name {} means something else in this file", new_name())};
  }

  /// `must_stay`: the new class would not work here.
  void report_kept(const ClassUse& use, const std::vector<std::string>& problems,
                   const ArgumentPlan& plan = {}, bool must_stay = false) {
    keep_old_ = true;
    if (must_stay && is_choice() && plan.lost.empty() && plan.failure.empty()) return;
    DraftFinding finding;
    finding.range = use.expression.range();
    finding.message = fmt::format("{} is not replaced by {}: {}", old_name(), new_name(),
                                  fmt::join(problems, "; "));
    if (is_removed()) {
      finding.severity = Severity::error;
      finding.remedy = fmt::format("the class is gone since {}: rewrite this by hand",
                                   to_string(*data_.removed));
      return context_.report(std::move(finding));
    }
    if (!plan.failure.empty()) {
      finding.remedy = plan.failure;
    } else if (must_stay) {
      finding.remedy = fmt::format("keep {} here, it is there until 0.7", old_name());
    } else {
      finding.remedy = fmt::format(
          "rewrite this by hand, or keep {} until 0.7, without data separation", old_name());
    }
    if (!plan.failure.empty() || !plan.lost.empty()) finding.severity = Severity::error;
    if (!plan.kept_edits.empty()) {
      finding.remedy += fmt::format("; {}", fmt::join(plan.kept_notes, "; "));
      finding.fix = kept_fix(plan);
    } else if (!plan.lost.empty()) {
      finding.remedy += fmt::format(", and see to '{}', which it does not take any more",
                                    fmt::join(plan.lost, "', '"));
    }
    const bool is_said = !plan.failure.empty() || !plan.kept_edits.empty();
    if (use.call && !is_said) add_argument_problems(use.call, finding);
    context_.report(std::move(finding));
  }

  /// What the old class itself does not do any more.
  void add_argument_problems(Node call, DraftFinding& finding) const {
    for (const DraftFinding& problem : argument_problems(context_, call)) {
      finding.message += "; " + problem.message;
      finding.remedy = fmt::format("rewrite this by hand: {}", problem.remedy);
      finding.severity = Severity::error;
    }
  }

  DraftFinding finding_at_import() const {
    DraftFinding finding;
    finding.range = context_.model.imports()[uses_.import].item.range();
    const std::string since = to_string(context_.rule->info.since.value_or(Version{}));
    finding.message =
        is_removed()
            ? fmt::format("{} is gone since {}: the import fails", old_name(),
                          to_string(*data_.removed))
            : fmt::format("{} reaches beyond the project; since {} {} does the work inside it",
                          old_name(), since, new_name());
    if (is_removed()) finding.severity = Severity::error;
    return finding;
  }

  void report_replacement() {
    DraftFinding finding = finding_at_import();
    FixDraft fix;
    fix.title = fmt::format("replace {} by {}", old_name(), new_name());
    std::vector<std::string> notes;
    std::vector<ClassUse> changed = references_;
    for (const auto& [use, plan] : good_) {
      finding.related.push_back({use.expression.range(), "is replaced, too"});
      notes.insert(notes.end(), plan.notes.begin(), plan.notes.end());
      fix.edits.insert(fix.edits.end(), plan.edits.begin(), plan.edits.end());
      fix.safety = std::max(fix.safety, plan.safety);
      // What the old class does not take any more fails already.
      if (!plan.failure.empty() || !plan.lost.empty()) finding.severity = Severity::error;
      if (use.kind == UseKind::call || use.kind == UseKind::partial) changed.push_back(use);
    }
    if (is_choice() && !data_.works) {
      fix.safety = Safety::unsafe;
      notes.emplace_back("the DAG kept it when it came to 0.4: see that this had no reason");
    }
    if (context_.dags.empty() && data_.needs_form) {
      // What is made in a helper module may end up in a scheduled DAG.
      fix.safety = Safety::unsafe;
      notes.emplace_back(
          "there is no DAG in this file: see that none of its users is a service "
          "or has a schedule");
    }
    rename_class(context_, uses_, data_.new_class, changed, keep_old_, fix);
    std::ranges::sort(notes);
    notes.erase(std::unique(notes.begin(), notes.end()), notes.end());
    finding.remedy = fix.title;
    if (!notes.empty()) finding.remedy += fmt::format("; {}", fmt::join(notes, "; "));
    if (const auto problems = name_problems(); problems.empty()) {
      finding.fix = std::move(fix);
    } else {
      finding.remedy += fmt::format(" by hand: {}", problems.front());
    }
    const bool is_now = is_removed() || (finding.fix && finding.fix->safety == Safety::safe);
    const bool has_lost = std::ranges::any_of(
        good_, [](const auto& entry) { return !entry.second.kept_edits.empty(); });
    if (!is_now && has_lost) {
      finding.remedy += "; --unsafe-fixes does it after the safe fixes of its calls";
      finding.fix.reset();
    }
    context_.report(std::move(finding));
    if (is_now) return;
    for (const auto& [use, plan] : good_) {
      if (!plan.kept_edits.empty()) report_lost(use, plan);
    }
  }

  /// As long as nobody takes the unsafe fix, the old class stays: then without what it lost.
  void report_lost(const ClassUse& use, const ArgumentPlan& plan) {
    DraftFinding finding;
    finding.range = use.expression.range();
    finding.severity = Severity::error;
    finding.message = fmt::format("{} does not take '{}' any more: the DAG does not import",
                                  old_name(), fmt::join(plan.lost, "', '"));
    finding.remedy = fmt::to_string(fmt::join(plan.kept_notes, "; "));
    finding.fix = kept_fix(plan);
    context_.report(std::move(finding));
  }

  FixDraft kept_fix(const ArgumentPlan& plan) const {
    return {Safety::safe,
            fmt::format("keep {} without what it does not take any more", old_name()),
            plan.kept_edits,
            {}};
  }

  void report_unused_import() {
    const Import& import = context_.model.imports()[uses_.import];
    DraftFinding finding = finding_at_import();
    if (!uses_.blocked.empty()) {
      finding.remedy = fmt::format("replace it by hand: {}", uses_.blocked);
      return context_.report(std::move(finding));
    }
    finding.message += "; nothing in this file uses it";
    finding.remedy = "remove the unused import";
    if (uses_.shape == ImportShape::class_ && can_be_removed(context_, import)) {
      FixDraft fix;
      fix.title = fmt::format("remove the unused import of {}", old_name());
      // A module without a DAG may be there for others to import from.
      if (context_.dags.empty() || import.scope != 0) fix.safety = Safety::unsafe;
      fix.imports.push_back({uses_.import, true, {}});
      finding.fix = std::move(fix);
    }
    context_.report(std::move(finding));
  }

  const RuleContext& context_;
  const OperatorReplacement& data_;
  const ClassUses& uses_;
  std::vector<std::pair<ClassUse, ArgumentPlan>> good_;
  std::vector<ClassUse> references_;
  bool keep_old_ = false;
  mutable std::array<std::optional<bool>, 2> has_conflict_;  // by keep_old_
  mutable std::unordered_map<std::uint32_t, BindingId> by_target_;
};

}  // namespace

void check_operator(const RuleContext& context) {
  const OperatorReplacement& data = context.rule->replacement;
  const auto all = uses_by_import(context, data.old_class, data.new_class);
  std::vector<Replacer> replacers;
  replacers.reserve(all.size());
  bool kept = false;
  for (const ClassUses& uses : all) {
    kept = replacers.emplace_back(context, uses).look() || kept;
  }
  for (Replacer& replacer : replacers) replacer.finish(kept);
}

}  // namespace dagfix

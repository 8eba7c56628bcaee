#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "rules/arguments.hpp"
#include "rules/class_uses.hpp"
#include "rules/kinds/kinds.hpp"

namespace dagfix {

namespace {

using Action = MethodChange::Action;

/// Checks all uses of the class that come through one import. The class is gone, hence a fix is
/// all or nothing.
class ClientChecker {
 public:
  ClientChecker(const RuleContext& context, const ClassUses& uses)
      : context_(context), data_(context.rule->client), uses_(uses) {}

  void run() {
    fix_.title =
        data_.function == short_name(data_.old_class)
            ? fmt::format("use that of {}", data_.module)
            : fmt::format("replace {} by {}()", short_name(data_.old_class), data_.function);
    for (const ClassUse& use : uses_.uses) check_use(use);
    check_methods();
    report();
  }

 private:
  void check_use(const ClassUse& use) {
    if (context_.is_suppressed(use.expression.range())) {
      suppressed_ = true;
      return;
    }
    switch (use.kind) {
      case UseKind::call:
        return check_constructor(use.call);
      case UseKind::test:
        needs_type_ = true;
        fix_.edits.push_back({use.expression.range(), std::string(short_name(data_.type))});
        return;
      case UseKind::base:
        return problem(use.expression, "a subclass has no counterpart: wrap a client instead");
      case UseKind::partial:
      case UseKind::alias:
        return problem(use.expression, "the class is given another name here");
      case UseKind::other:
        if (use.expression.parent().is(Kind::attribute) &&
            use.expression.field() == Field::object) {
          return check_member(use.expression.parent());
        }
        return problem(use.expression, "the class is passed on as a value here");
    }
  }

  void check_constructor(Node call) {
    const ArgumentPlan plan = plan_arguments(context_, data_.constructor, call);
    for (const std::string& text : plan.problems) problem(call.child(Field::function), text);
    notes_.insert(notes_.end(), plan.notes.begin(), plan.notes.end());
    fix_.edits.insert(fix_.edits.end(), plan.edits.begin(), plan.edits.end());
    fix_.edits.push_back({call.child(Field::function).range(), data_.function});
    needs_function_ = true;
    check_where_it_goes(call);
  }

  /// A client that leaves the file's sight may be used with methods that are gone.
  void check_where_it_goes(Node call) {
    const Node parent = call.parent();
    if (parent.is(Kind::attribute) || parent.is(Kind::expression_statement)) return;
    if (parent.is(Kind::assignment)) {
      const Node target = parent.child(Field::left);
      // A member may be used by subclasses and other files, a class attribute by any object.
      const bool in_class =
          context_.model.scopes()[context_.model.scope_of(target)].kind == ScopeKind::class_;
      if (target.is(Kind::identifier) && !in_class) return check_reads(target);
    }
    note_escape();
  }

  void check_reads(Node target) {
    for (BindingId id = 0; id < context_.model.bindings().size(); ++id) {
      if (!(context_.model.bindings()[id].target == target)) continue;
      for (const Node read : context_.model.reads_of(id)) {
        const bool is_method = read.parent().is(Kind::attribute) && read.field() == Field::object;
        if (!is_method) note_escape();
      }
    }
  }

  void note_escape() {
    fix_.safety = Safety::unsafe;
    notes_.emplace_back("the client is passed on: see that nobody calls a method that is gone");
  }

  void check_methods() {
    for (std::uint32_t id = 0; id < context_.tree().size(); ++id) {
      const Node attribute = context_.tree().node(id);
      if (!attribute.is(Kind::attribute)) continue;
      const auto found = std::ranges::find(data_.methods, attribute.child(Field::attribute).text(),
                                           &MethodChange::name);
      if (found == data_.methods.end()) continue;
      const auto symbol = context_.model.instance_of(attribute.child(Field::object));
      if (!symbol || symbol->path != data_.old_class || !comes_from_here(*symbol)) continue;
      if (!symbol->certain) {
        problem(attribute, "the object may be something else here");
        continue;
      }
      check_method(attribute, *found);
    }
  }

  bool comes_from_here(const Symbol& symbol) const {
    return std::ranges::find(symbol.via, uses_.import) != symbol.via.end();
  }

  void check_method(Node attribute, const MethodChange& method) {
    if (method.action == Action::report) {
      return problem(attribute, fmt::format("{}: {}", method.name, method.reason));
    }
    const Node call = attribute.parent();
    if (!call.is(Kind::call) || attribute.field() != Field::function) {
      return problem(attribute, fmt::format("{} is passed on as a value", method.name));
    }
    if (!check_conditions(call, attribute, method, 0)) return;
    if (!plan_parameters(call, attribute, method)) return;
    add_note(method);
    if (method.action == Action::rename) {
      fix_.edits.push_back({attribute.child(Field::attribute).range(), method.to});
      return;
    }
    const Node object = attribute.child(Field::object);
    if (object.is(Kind::call)) {
      return problem(attribute, "give the client a name first");
    }
    import_function(method);
    const auto arguments = arguments_of(call);
    const bool alone = arguments.empty();
    const std::uint32_t at =
        alone ? call.child(Field::arguments).begin() + 1 : arguments[0].begin();
    fix_.edits.push_back({attribute.range(), method.to});
    fix_.edits.push_back({{at, at}, std::string(object.text()) + (alone ? "" : ", ")});
  }

  /// Whether the arguments of a method call mean the same to the new one, or can be made to.
  bool plan_parameters(Node call, Node attribute, const MethodChange& method) {
    if (!method.has_parameters) return true;
    const ArgumentPlan plan = plan_arguments(context_, method.call, call);
    for (const std::string& text : plan.problems) {
      problem(attribute, fmt::format("{}: {}", method.name, text));
    }
    for (const std::string& note : plan.notes) {
      notes_.push_back(fmt::format("{}: {}", method.name, note));
    }
    fix_.edits.insert(fix_.edits.end(), plan.edits.begin(), plan.edits.end());
    return plan.problems.empty();
  }

  void add_note(const MethodChange& method) {
    if (method.note.empty()) return;
    fix_.safety = Safety::unsafe;
    notes_.push_back(fmt::format("{}: {}", method.name, method.note));
  }

  /// `action`: index of the positional argument that says what is to be done.
  bool check_conditions(Node call, Node attribute, const MethodChange& method, std::size_t action) {
    for (const std::string& keyword : method.needs) {
      if (keyword_value(call, keyword)) continue;
      problem(attribute, fmt::format("{} without {}=: {}", method.name, keyword, method.reason));
      return false;
    }
    const auto arguments = arguments_of(call);
    if (method.not_with.empty()) return true;
    Node first = keyword_value(call, "action");
    if (!first && arguments.size() > action) first = arguments[action];
    const auto constant = first ? context_.model.constant(first) : std::nullopt;
    if (constant && std::ranges::find(method.not_with, constant->value) == method.not_with.end()) {
      return true;
    }
    problem(attribute,
            fmt::format("{} with action '{}': {}", method.name,
                        constant ? constant->value : std::string(first.text()), method.reason));
    return false;
  }

  /// Old.member, as the oldest versions had it.
  void check_member(Node attribute) {
    const auto found = std::ranges::find(data_.members, attribute.child(Field::attribute).text(),
                                         &MethodChange::name);
    if (found == data_.members.end()) {
      return problem(attribute, "this member of the class has no counterpart");
    }
    if (found->action == Action::report) {
      return problem(attribute, fmt::format("{}: {}", found->name, found->reason));
    }
    const Node call = attribute.parent();
    const bool is_called = call.is(Kind::call) && attribute.field() == Field::function;
    if (found->action == Action::function) {
      if (!is_called) return problem(attribute, found->name + " is passed on as a value");
      // The functions take the client first, as the static methods did.
      if (!check_conditions(call, attribute, *found, 1)) return;
      if (keyword_value(call, "minioClient")) {
        return problem(attribute, found->name + ": the keyword minioClient is minio_client now");
      }
      add_note(*found);
      import_function(*found);
      fix_.edits.push_back({attribute.range(), found->to});
    } else {
      if (is_called && !check_conditions(call, attribute, *found, 0)) return;
      if (is_called && !plan_parameters(call, attribute, *found)) return;
      add_note(*found);
      import_head(*found);
      fix_.edits.push_back({attribute.range(), found->to});
    }
  }

  /// What has to be imported for `Name().member` or `Name.member`.
  void import_head(const MethodChange& member) {
    const std::string name = member.to.substr(0, member.to.find_first_of("(."));
    if (member.module.empty() || (member.module == data_.module && name == data_.function)) {
      needs_function_ = true;
    } else {
      add_import({member.module, name, {}});
    }
  }

  void import_function(const MethodChange& method) { add_import({method.module, method.to, {}}); }

  void add_import(const NewImport& import) {
    if (std::ranges::find(functions_, import) == functions_.end()) functions_.push_back(import);
  }

  void problem(Node place, std::string text) {
    DraftFinding finding;
    finding.range = place.range();
    finding.message =
        fmt::format("{} is gone since {}: {}", short_name(data_.old_class), since(), text);
    finding.remedy = fmt::format("rewrite this for {}.{}() by hand", data_.module, data_.function);
    context_.report(std::move(finding));
    ++problems_;
  }

  std::string since() const { return to_string(context_.rule->info.since.value_or(Version{})); }

  void report() {
    DraftFinding finding;
    finding.range = context_.model.imports()[uses_.import].item.range();
    finding.message =
        fmt::format("{} is gone since {}: the import fails", short_name(data_.old_class), since());
    if (problems_ > 0 || suppressed_ || !uses_.blocked.empty() || !plan_imports()) {
      finding.remedy =
          fmt::format("use {}.{}(); {}", data_.module, data_.function,
                      !uses_.blocked.empty() ? uses_.blocked
                      : problems_ > 0 ? fmt::format("{} use(s) need a person first", problems_)
                                      : "the imports have to be changed by hand");
      return context_.report(std::move(finding));
    }
    std::ranges::sort(notes_);
    notes_.erase(std::unique(notes_.begin(), notes_.end()), notes_.end());
    finding.remedy = fix_.title;
    if (!notes_.empty()) finding.remedy += fmt::format("; {}", fmt::join(notes_, "; "));
    finding.fix = std::move(fix_);
    context_.report(std::move(finding));
  }

  /// Adds what is to be imported; false if a name means something else already.
  bool plan_imports() {
    if (uses_.shape != ImportShape::class_) return false;
    ImportRequest request{uses_.import, true, {}};
    if (needs_function_) request.add.push_back({data_.module, data_.function, {}});
    if (needs_type_) {
      request.add.push_back(
          {std::string(module_of(data_.type)), std::string(short_name(data_.type)), {}});
    }
    request.add.insert(request.add.end(), functions_.begin(), functions_.end());
    std::vector<NewImport> missing;
    for (const NewImport& import : request.add) {
      const std::string path = import.module + "." + import.name;
      const Import* known = known_import(context_, uses_, path);
      if (known && known->local == import.name) continue;
      // The name that goes may come back with another meaning: all its uses are changed.
      const bool is_old = import.name == context_.model.imports()[uses_.import].local;
      if (!is_old && context_.model.is_name_taken(import.name)) return false;
      missing.push_back(import);
    }
    request.add = std::move(missing);
    fix_.imports.push_back(std::move(request));
    return true;
  }

  const RuleContext& context_;
  const ClientReplacement& data_;
  const ClassUses& uses_;
  FixDraft fix_;
  std::vector<std::string> notes_;
  std::vector<NewImport> functions_;
  int problems_ = 0;
  bool needs_function_ = false;
  bool needs_type_ = false;
  bool suppressed_ = false;
};

}  // namespace

void check_client(const RuleContext& context) {
  const ClientReplacement& data = context.rule->client;
  const std::string factory = data.module + "." + data.function;
  for (const ClassUses& uses : uses_by_import(context, data.old_class, factory)) {
    ClientChecker(context, uses).run();
  }
}

}  // namespace dagfix

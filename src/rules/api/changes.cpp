#include "rules/api/changes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "project/project.hpp"
#include "rules/api/constructors.hpp"
#include "rules/class_uses.hpp"

namespace dagfix {

namespace {

constexpr int kMostBases = 8;

class Comparison {
 public:
  Comparison(const ApiHistory& history, Version from, Version to)
      : history_(history), from_(from), to_(to), before_(history, from), after_(history, to) {}

  std::vector<ApiGone> gone() {
    std::vector<ApiGone> result;
    std::string_view module;  // the last one that is gone
    for (const ApiBlock& block : history_.blocks()) {
      // Of Airflow there is only what its operators take.
      if (!block.is_in(from_) || block.path.starts_with("airflow.")) continue;
      const bool stays = block.is_in(to_);
      if (!stays && !history_.has(block.path, to_)) {
        const bool is_inside = !module.empty() && block.path.starts_with(module) &&
                               block.path.substr(module.size()).starts_with('.');
        const bool is_module = block.kind == "module";
        ApiGone gone{std::string(block.path), is_module, {}, false, false};
        if (is_module) module = block.path;
        if (!is_module) gone.to = class_called(block.path);
        // The module tells of all that has no other place.
        if (!is_inside || !gone.to.empty()) result.push_back(std::move(gone));
        continue;
      }
      if (block.kind == "module") add_names(block, result);
    }
    std::ranges::sort(result, {}, &ApiGone::path);
    return result;
  }

  std::map<std::string, ApiCallChange, std::less<>> calls() {
    std::map<std::string, ApiCallChange, std::less<>> result;
    for (const ApiBlock& block : history_.blocks()) {
      if (!block.is_in(from_)) continue;
      if (block.kind == "module") {
        add_functions(block, result);
      } else if (const ApiCallChange& change = change_of(block.path, 0); !change.empty()) {
        result.emplace(block.path, change);
      }
    }
    return result;
  }

  /// What becomes of the calls of one class or function.
  ApiCallChange compare(std::string_view path) {
    if (history_.find("class", path, from_)) return compare_class(path);
    const ApiBlock* module = history_.find("module", module_of(path), from_);
    Calls calls;
    if (module) add_functions(*module, calls);
    return calls[std::string(path)];
  }

 private:
  using Calls = std::map<std::string, ApiCallChange, std::less<>>;

  /// The only class of this name that the platform has now, if it takes all that the old one took;
  /// else empty.
  std::string class_called(std::string_view path) {
    std::string found;
    for (const ApiBlock& block : history_.blocks()) {
      const bool is_other = block.kind == "class" && block.is_in(to_) && is_kaapana(block.path) &&
                            short_name(block.path) == short_name(path);
      if (!is_other) continue;
      if (!found.empty()) return {};
      found = block.path;
    }
    const bool takes_all =
        std::ranges::none_of(before_.chain(path).keywords(), [&](std::string_view keyword) {
          return !before_.chain(path).refusal(keyword) && after_.chain(found).refusal(keyword);
        });
    if (!takes_all) found.clear();
    return found;
  }

  void add_names(const ApiBlock& module, std::vector<ApiGone>& out) const {
    for (const ApiMember& member :
         module.is_in(to_) ? module.passing_members() : module.members()) {
      const bool stays = module.is_in(to_) && member.is_in(to_);
      if (!member.is_in(from_) || stays || member.kind == "star") continue;
      const bool is_import = member.kind == "import";
      const std::string_view origin = is_import ? member.text.substr(member.name().size() + 1) : "";
      // Nobody imports a library from here.
      if (is_import && !is_kaapana(origin)) continue;
      const std::string path = fmt::format("{}.{}", module.path, member.name());
      if (history_.has(path, to_)) continue;
      ApiGone gone{path, false, {}, false, is_import};
      if (is_import && history_.has(origin, to_)) {
        gone.to = origin;
        gone.is_same = true;
      }
      out.push_back(std::move(gone));
    }
  }

  /// What becomes of the calls of a class. Those are compared that have another constructor, or a
  /// base that takes less.
  const ApiCallChange& change_of(std::string_view path, int depth) {
    const auto [entry, added] = changes_.try_emplace(path);
    if (!added || depth == kMostBases || path.starts_with("airflow.")) return entry->second;
    const ApiBlock* before = history_.find("class", path, from_);
    const ApiBlock* after = history_.find("class", path, to_);
    if (!before || !after) return entry->second;
    bool is_new = before != after || has_other_constructor(*before);
    for (const ApiMember& member : before->members(from_)) {
      if (member.kind != "base") break;
      const ApiCallChange& base = change_of(member.text, depth + 1);
      is_new = is_new || !base.lost.empty() || !base.required.empty();
    }
    return is_new ? changes_[path] = compare_class(path) : changes_[path];
  }

  bool has_other_constructor(const ApiBlock& block) const {
    return std::ranges::any_of(block.passing_members(), [&](const ApiMember& member) {
      const bool is_part = member.kind == "init" || member.kind == "param" ||
                           member.kind == "passes" || member.kind == "super" ||
                           member.kind == "base";
      return is_part && member.is_in(from_) != member.is_in(to_);
    });
  }

  ApiCallChange compare_class(std::string_view path) {
    ApiCallChange change;
    const ConstructorChain& old = before_.chain(path);
    const ConstructorChain& now = after_.chain(path);
    if (old.empty() || now.empty()) return change;
    auto keywords = old.keywords();
    // Airflow took these; now a class in between sets them.
    std::ranges::copy(now.given(), std::back_inserter(keywords));
    std::ranges::sort(keywords);
    keywords.erase(std::ranges::unique(keywords).begin(), keywords.end());
    for (const std::string_view keyword : keywords) {
      auto lost = now.refusal(keyword);
      if (lost && !old.refusal(keyword)) change.lost.push_back(*std::move(lost));
    }
    const auto old_required = old.required();
    for (const std::string_view name : now.required()) {
      const bool was = std::ranges::find(old_required, name) != old_required.end();
      if (!was) change.required.emplace_back(name);
    }
    compare_order(old.first().signature, now.first().signature, change);
    return change;
  }

  static bool has_other_order(const Signature& before, const Signature& after) {
    const auto [old_end, new_end] = std::ranges::mismatch(before.positional, after.positional);
    return old_end != before.positional.end() &&
           !(new_end == after.positional.end() && after.has_list);
  }

  static void compare_order(const Signature& before, const Signature& after,
                            ApiCallChange& change) {
    change.before.assign(before.positional.begin(), before.positional.end());
    change.after.assign(after.positional.begin(), after.positional.end());
    change.has_other_order = has_other_order(before, after);
  }

  void add_functions(const ApiBlock& module, Calls& out) const {
    const ApiBlock* now = history_.find("module", module.path, to_);
    if (!now) return;
    const bool is_same = now == &module;
    const auto others = is_same ? now->passing_members() : now->members(to_);
    for (const ApiMember& old : is_same ? others : module.members(from_)) {
      if (old.kind != "function" || !old.is_in(from_) || (is_same && old.is_in(to_))) continue;
      for (const ApiMember& other : others) {
        if (other.kind != "function" || other.name() != old.name() || !other.is_in(to_)) continue;
        ApiCallChange change = compare_functions(old, other);
        if (!change.empty())
          out.emplace(fmt::format("{}.{}", module.path, old.name()), std::move(change));
      }
    }
  }

  static ApiCallChange compare_functions(const ApiMember& old, const ApiMember& now) {
    ApiCallChange change;
    const Signature before = read_signature(old.text);
    const Signature after = read_signature(now.text);
    for (const std::string_view name : before.all) {
      if (after.takes(name) || after.has_rest) continue;
      change.lost.push_back({std::string(name), ApiLostArgument::Refusal::unexpected, {}});
    }
    for (const std::string_view name : after.required) {
      const bool was = std::ranges::find(before.required, name) != before.required.end();
      if (!was) change.required.emplace_back(name);
    }
    compare_order(before, after, change);
    return change;
  }

  const ApiHistory& history_;
  Version from_;
  Version to_;
  Constructors before_;
  Constructors after_;
  std::map<std::string_view, ApiCallChange> changes_;
};

/// The first of the versions up to `to` from which on all of them are `changed`.
template <typename Changed>
Version first_of_last(const ApiHistory& history, Version from, Version to, Changed changed) {
  Version first = to;
  for (auto version = history.versions().rbegin(); version != history.versions().rend();
       ++version) {
    if (*version > to) continue;
    if (*version <= from || !changed(*version)) break;
    first = *version;
  }
  return first;
}

/// The newest version of the history that is not newer.
Version known_version(const ApiHistory& history, Version version) {
  const auto next = std::ranges::upper_bound(history.versions(), version);
  return next == history.versions().begin() ? version : *std::prev(next);
}

}  // namespace

const ApiLostArgument* ApiCallChange::find_lost(std::string_view keyword) const {
  const auto found = std::ranges::find(lost, keyword, &ApiLostArgument::name);
  return found == lost.end() ? nullptr : &*found;
}

bool ApiCallChange::requires_now(std::string_view keyword) const {
  return std::ranges::find(required, keyword) != required.end();
}

std::size_t ApiCallChange::unchanged_positions() const {
  return static_cast<std::size_t>(std::ranges::mismatch(before, after).in1 - before.begin());
}

ApiChanges ApiChanges::between(const ApiHistory& history, Version from, Version to) {
  ApiChanges changes;
  from = known_version(history, from);
  to = known_version(history, to);
  changes.history_ = &history;
  changes.from_ = from;
  changes.to_ = to;
  if (to <= from) return changes;
  Comparison comparison(history, from, to);
  changes.gone_ = comparison.gone();
  changes.calls_ = comparison.calls();
  return changes;
}

const ApiGone* ApiChanges::find_gone(std::string_view path) const {
  const auto found = std::ranges::lower_bound(gone_, path, {}, &ApiGone::path);
  return found == gone_.end() || found->path != path ? nullptr : &*found;
}

bool ApiChanges::has_gone_in(std::string_view path) const {
  const auto starts = [&](const ApiGone& gone) {
    return gone.path.size() > path.size() && gone.path.starts_with(path) &&
           gone.path[path.size()] == '.';
  };
  // Only paths that go on with a character below the dot lie between.
  for (auto gone = std::ranges::lower_bound(gone_, path, {}, &ApiGone::path);
       gone != gone_.end() && gone->path.starts_with(path); ++gone) {
    if (starts(*gone)) return true;
  }
  return false;
}

const ApiCallChange* ApiChanges::find_call(std::string_view path) const {
  const auto found = calls_.find(path);
  return found == calls_.end() ? nullptr : &found->second;
}

Version ApiChanges::gone_since(std::string_view path) const {
  return first_of_last(*history_, from_, to_,
                       [&](Version version) { return !history_->has(path, version); });
}

Version ApiChanges::changed_since(std::string_view path, const IsChanged& is_changed) const {
  return first_of_last(*history_, from_, to_, [&](Version version) {
    return is_changed(Comparison(*history_, from_, version).compare(path));
  });
}

void ApiCallChange::take_for_same(std::string_view old_name, std::string_view new_name) {
  std::ranges::replace(before, old_name, std::string(new_name));
  const bool is_same = unchanged_positions() == before.size() && before.size() <= after.size();
  if (is_same) has_other_order = false;
}

void ApiChanges::leave_out(const Told& told) {
  std::erase_if(gone_, [&](const ApiGone& gone) { return told.path(gone.path); });
  for (auto call = calls_.begin(); call != calls_.end();) {
    auto& [path, change] = *call;
    change.is_replaced = told.is_kept(path);
    for (ApiLostArgument& lost : change.lost) {
      lost.is_told = told.argument(path, lost.name);
      lost.is_told_at_calls = told.kept_argument(path, lost.name);
      if (const auto to = told.new_name(path, lost.name); !to.empty()) {
        change.take_for_same(lost.name, to);
      }
    }
    std::erase_if(change.required,
                  [&](const std::string& required) { return told.argument(path, required); });
    const bool is_told = (told.path(path) && !change.is_replaced) ||
                         (change.required.empty() && !change.has_other_order &&
                          std::ranges::all_of(change.lost, &ApiLostArgument::is_told));
    call = is_told ? calls_.erase(call) : std::next(call);
  }
}

bool is_operator_base(std::string_view path) {
  return path == "kaapana.operators.KaapanaBaseOperator.KaapanaBaseOperator" ||
         path == "kaapana.operators.KaapanaPythonBaseOperator.KaapanaPythonBaseOperator" ||
         path ==
             "kaapana.operators.KaapanaBranchPythonBaseOperator.KaapanaBranchPythonBaseOperator";
}

}  // namespace dagfix

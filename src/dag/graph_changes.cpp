#include "dag/graph_changes.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace dagfix {

namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Difference = GraphDifference;

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// Makes texts equal that differ only in strings which stand for each other.
class Equivalence {
 public:
  explicit Equivalence(const GraphChanges& changes) {
    for (const Pairs* pairs : {&changes.strings, &changes.classes}) {
      for (const auto& [old_text, new_text] : *pairs) join(old_text, new_text);
    }
    // "PACS_HOST" is not "HOST" with something before it.
    std::ranges::stable_sort(strings_, std::ranges::greater(),
                             [](const auto& one) { return one.first.size(); });
  }

  bool same(std::string_view a, std::string_view b) const {
    return a == b || (!strings_.empty() && reduced(a) == reduced(b));
  }

 private:
  void join(const std::string& a, const std::string& b) {
    if (a.empty() || b.empty()) return;
    const std::size_t one = group_of(a);
    const std::size_t other = group_of(b);
    for (auto& [text, group] : strings_) {
      if (group == other) group = one;
    }
  }

  std::size_t group_of(const std::string& text) {
    for (const auto& [known, group] : strings_) {
      if (known == text) return group;
    }
    strings_.emplace_back(text, strings_.size());
    return strings_.back().second;
  }

  std::string reduced(std::string_view text) const {
    std::string out;
    while (!text.empty()) {
      const auto found = std::ranges::find_if(
          strings_, [&](const auto& one) { return text.starts_with(one.first); });
      if (found == strings_.end()) {
        out += text.front();
        text.remove_prefix(1);
      } else {
        out += '\0' + std::to_string(found->second) + '\0';
        text.remove_prefix(found->first.size());
      }
    }
    return out;
  }

  std::vector<std::pair<std::string, std::size_t>> strings_;
};

std::string shown(const std::optional<std::string>& id, std::string_view variable) {
  if (id) return *id;
  return variable.empty() ? "(unknown id)" : "(unknown id of " + std::string(variable) + ")";
}

std::string shown(const GraphTask& task) { return shown(task.id, task.variable); }

/// An argument as it is written and as it is evaluated; empty where there is no such thing.
struct Given {
  std::string text;
  std::string value;

  bool is_known() const { return !value.empty() && !value.contains('?'); }
};

/// The arguments of a task by name; positional ones that no name is known of have a number.
std::map<std::string, Given> arguments_of(const GraphTask& task) {
  std::map<std::string, Given> given;
  std::vector<std::string> positional;
  for (std::size_t i = 0; i < task.values.size(); ++i) {
    const bool has_name = !task.values[i].name.empty();
    const std::string name = has_name ? task.values[i].name : std::to_string(i);
    given[name].value = task.values[i].text;
    positional.push_back(name);
  }
  std::size_t number = 0;
  for (const GraphArgument& argument : task.arguments) {
    if (argument.name == "**" || argument.text.starts_with('*')) continue;
    std::string name = argument.name;
    if (name.empty()) {
      name = number < positional.size() ? positional[number] : std::to_string(number);
      ++number;
    }
    given[name].text = argument.text;
  }
  return given;
}

class Comparison {
 public:
  Comparison(const GraphChanges& changes) : changes_(changes), equivalence_(changes) {}

  std::vector<Difference> compare(const DagGraph& before, const DagGraph& after) {
    const std::size_t both = std::min(before.dags.size(), after.dags.size());
    for (std::size_t i = 0; i < both; ++i) {
      dag_ = i;
      compare(before.dags[i], after.dags[i]);
    }
    for (std::size_t i = both; i < before.dags.size(); ++i) note_dag(before.dags[i], i, true);
    for (std::size_t i = both; i < after.dags.size(); ++i) note_dag(after.dags[i], i, false);
    return std::move(found_);
  }

 private:
  void note(Difference::Kind kind, std::string what, std::string name = {}, bool is_lost = false) {
    Difference difference;
    difference.kind = kind;
    difference.dag = dag_;
    difference.task = task_;
    difference.name = std::move(name);
    difference.dag_id = shown(before_dag_->id, {});
    if (task_ != kNone) difference.task_id = task_id_;
    difference.what = std::move(what);
    difference.range = range_;
    difference.is_lost = is_lost;
    found_.push_back(std::move(difference));
  }

  void note_dag(const GraphDag& dag, std::size_t index, bool is_lost) {
    dag_ = index;
    task_ = kNone;
    before_dag_ = &dag;
    range_ = is_lost ? dag.place.range : ByteRange{};
    note(Difference::Kind::dag, is_lost ? "the DAG is lost" : "the DAG is new", {}, is_lost);
  }

  void compare(const GraphDag& before, const GraphDag& after) {
    before_dag_ = &before;
    task_ = kNone;
    range_ = before.place.range;
    if (before.id != after.id) {
      note(Difference::Kind::dag, "the id becomes " + shown(after.id, {}));
    }
    if (before.is_seen != after.is_seen || before.may != after.may) {
      note(Difference::Kind::dag, "whether Airflow finds it changes");
    }
    const std::vector<std::size_t> partners = match(before, after);
    for (std::size_t i = 0; i < before.tasks.size(); ++i) {
      if (partners[i] != kNone) compare(before, before.tasks[i], after, partners[i]);
    }
    compare_edges(before, after, partners);
    task_ = kNone;
    range_ = before.place.range;
    if (after.gaps.size() > before.gaps.size()) {
      note(Difference::Kind::unknown, "more of it is not known: " + after.gaps.back().reason);
    }
  }

  /// For each task the one after the fix; what is left over on either side is noted.
  std::vector<std::size_t> match(const GraphDag& before, const GraphDag& after) {
    std::vector<std::size_t> partners(before.tasks.size(), kNone);
    if (before.tasks.size() == after.tasks.size()) {
      for (std::size_t i = 0; i < partners.size(); ++i) partners[i] = i;
      return partners;
    }
    std::multimap<std::string, std::size_t> by_id;
    for (std::size_t i = 0; i < after.tasks.size(); ++i) by_id.emplace(shown(after.tasks[i]), i);
    for (std::size_t i = 0; i < partners.size(); ++i) {
      const auto found = by_id.find(shown(before.tasks[i]));
      if (found != by_id.end()) {
        partners[i] = found->second;
        by_id.erase(found);
        continue;
      }
      enter(before.tasks[i], i);
      note(Difference::Kind::task, "the task is lost", {}, true);
    }
    for (const auto& [id, index] : by_id) {
      enter(after.tasks[index], index);
      range_ = before.place.range;
      note(Difference::Kind::task, "the task is new");
    }
    return partners;
  }

  void enter(const GraphTask& task, std::size_t index) {
    task_ = index;
    task_id_ = shown(task);
    range_ = task.place.range;
  }

  void compare(const GraphDag& before_dag, const GraphTask& before, const GraphDag& after_dag,
               std::size_t index) {
    const GraphTask& after = after_dag.tasks[index];
    enter(before, index);
    using enum Difference::Kind;
    if (!is_same_id(before, after)) note(id, "the task id becomes " + shown(after));
    if (before.variable != after.variable) {
      note(place, "its variable becomes '" + after.variable + "'");
    }
    if (!is_same_class(before.class_path, after.class_path)) {
      note(class_, before.class_path + " becomes " + after.class_path);
    }
    const auto group_id = [](const GraphDag& dag, const GraphTask& task) {
      return task.group ? dag.groups[*task.group].id.value_or("?") : std::string();
    };
    if (group_id(before_dag, before) != group_id(after_dag, after)) {
      note(place, "it is in another group");
    }
    if (before.may != after.may || before.many != after.many) {
      note(place, "whether it exists depends on something else");
    }
    compare_arguments(before, after);
  }

  bool is_same_id(const GraphTask& before, const GraphTask& after) const {
    if (before.id == after.id) return true;
    // One version may know more of a class than the other.
    if (!before.id) return true;
    if (!after.id) return before.class_path != after.class_path;
    return std::ranges::any_of(changes_.task_ids, [&](const std::string& begin) {
      return std::ranges::any_of(changes_.strings, [&](const auto& pair) {
        return *before.id == begin + pair.first && *after.id == begin + pair.second;
      });
    });
  }

  bool is_same_class(const std::string& before, const std::string& after) const {
    return before == after || std::ranges::any_of(changes_.classes, [&](const auto& pair) {
             return pair.first == before && pair.second == after;
           });
  }

  void compare_arguments(const GraphTask& before, const GraphTask& after) {
    const auto old_given = arguments_of(before);
    const auto new_given = arguments_of(after);
    std::set<std::string> names;
    for (const auto* given : {&old_given, &new_given}) {
      for (const auto& [name, _] : *given) names.insert(name);
    }
    for (const std::string& name : names) {
      const auto a = old_given.find(name);
      const auto b = new_given.find(name);
      const bool is_lost = b == new_given.end();
      const bool is_new = a == old_given.end();
      if (!is_lost && !is_new && is_same_value(a->second, b->second)) continue;
      if (is_declared(before.class_path, name)) continue;
      const char* how = is_lost ? " is lost" : is_new ? " is new" : " gets another value";
      note(Difference::Kind::argument, "the argument " + name + how, name, is_lost);
    }
    if (before.may_take_more != after.may_take_more) {
      note(Difference::Kind::argument, "what is unpacked into the call changes", "**");
    }
  }

  bool is_same_value(const Given& before, const Given& after) const {
    if (before.is_known() && after.is_known()) {
      return equivalence_.same(before.value, after.value);
    }
    return equivalence_.same(before.text, after.text) ||
           std::ranges::any_of(changes_.rewritten,
                               [&](const std::string& word) { return before.text.contains(word); });
  }

  bool is_declared(const std::string& class_path, const std::string& name) const {
    // A class of the project may hand its arguments on to one of Kaapana's.
    const bool is_own = !class_path.starts_with("kaapana") && !class_path.starts_with("airflow");
    return std::ranges::any_of(changes_.arguments, [&](const GraphChanges::Arguments& declared) {
      if (std::ranges::find(declared.names, name) == declared.names.end()) return false;
      return is_own || std::ranges::any_of(declared.classes, [&](const std::string& one) {
               return one == class_path || (one.ends_with('.') && class_path.starts_with(one));
             });
    });
  }

  void compare_edges(const GraphDag& before, const GraphDag& after,
                     const std::vector<std::size_t>& partners) {
    std::set<GraphEdge> left(after.edges.begin(), after.edges.end());
    for (const GraphEdge& edge : before.edges) {
      const GraphEdge now{partners[edge.from], partners[edge.to], edge.may};
      if (now.from != kNone && now.to != kNone && left.erase(now) > 0) continue;
      enter(before.tasks[edge.from], now.from == kNone ? edge.from : now.from);
      const std::string to = shown(before.tasks[edge.to]);
      note(Difference::Kind::edge, "the edge to " + to + " is lost", std::to_string(now.to), true);
    }
    for (const GraphEdge& edge : left) {
      enter(after.tasks[edge.from], edge.from);
      range_ = before.place.range;
      note(Difference::Kind::edge, "the edge to " + shown(after.tasks[edge.to]) + " is new",
           std::to_string(edge.to));
    }
  }

  const GraphChanges& changes_;
  Equivalence equivalence_;
  std::vector<Difference> found_;
  const GraphDag* before_dag_ = nullptr;
  std::size_t dag_ = 0;
  std::size_t task_ = kNone;
  std::string task_id_;
  ByteRange range_;
};

}  // namespace

void GraphChanges::add(const GraphChanges& more) {
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(arguments, more.arguments);
  append(classes, more.classes);
  append(strings, more.strings);
  append(rewritten, more.rewritten);
  append(task_ids, more.task_ids);
}

bool GraphDifference::is_about_same(const GraphDifference& other) const {
  return kind == other.kind && dag == other.dag && task == other.task && name == other.name &&
         is_lost == other.is_lost;
}

std::vector<GraphDifference> undeclared_differences(const DagGraph& before, const DagGraph& after,
                                                    const GraphChanges& changes) {
  return Comparison(changes).compare(before, after);
}

}  // namespace dagfix

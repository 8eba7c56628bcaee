#include <algorithm>

#include "dag/interpreter.hpp"

namespace dagfix {

void Interpreter::collect(const Value& value, Endpoints& out, bool may) {
  may = may || value.may;
  switch (value.kind) {
    case Value::Kind::task:
    case Value::Kind::result:
      out.found.push_back({false, value.index(), may});
      return;
    case Value::Kind::group:
      out.found.push_back({true, value.index(), may});
      return;
    case Value::Kind::instance:
      if (value.object->task) out.found.push_back({false, *value.object->task, may});
      return;
    case Value::Kind::list:
    case Value::Kind::tuple:
    case Value::Kind::set:
      for (const Value& item : value.object->items) collect(item, out, may);
      out.is_open = out.is_open || value.object->is_open;
      return;
    case Value::Kind::choice:
      for (const Value& item : value.object->items) collect(item, out, true);
      return;
    case Value::Kind::unknown:
    case Value::Kind::symbol:
    case Value::Kind::method:
      if (value.text != "airflow.Label()") out.is_open = true;
      return;
    default:
      return;
  }
}

bool Interpreter::is_in(std::size_t task, std::size_t group) const {
  for (std::size_t at = tasks_[task].group; at != kNoGroup; at = groups_[at].parent) {
    if (at == group) return true;
  }
  return false;
}

// As TaskGroup.get_leaves() and get_roots(): at the moment of the call.
std::vector<Interpreter::Endpoint> Interpreter::ends_of(const Endpoint& endpoint,
                                                        bool leaves) const {
  if (!endpoint.is_group) return {endpoint};
  std::vector<Endpoint> ends;
  for (std::size_t task = 0; task < tasks_.size(); ++task) {
    if (!is_in(task, endpoint.index)) continue;
    bool is_end = true;
    bool may = endpoint.may;
    for (const Edge& edge : edges_) {
      const std::size_t mine = leaves ? edge.from : edge.to;
      const std::size_t other = leaves ? edge.to : edge.from;
      if (mine != task || !is_in(other, endpoint.index)) continue;
      if (edge.may || tasks_[other].may) {
        may = true;
      } else {
        is_end = false;
      }
    }
    if (is_end) ends.push_back({false, task, may});
  }
  return ends;
}

void Interpreter::share_dag(std::size_t a, std::size_t b) {
  if (tasks_[a].dag == kNoDag) std::swap(a, b);
  if (tasks_[b].dag == kNoDag && tasks_[a].dag != kNoDag) tasks_[b].dag = tasks_[a].dag;
}

void Interpreter::add_edge(const Endpoint& from, const Endpoint& to) {
  const bool may = is_unsure() || from.may || to.may;
  share_dag(from.index, to.index);
  for (Edge& edge : edges_) {
    if (edge.from == from.index && edge.to == to.index) {
      edge.may = edge.may && may;
      return;
    }
  }
  edges_.push_back({from.index, to.index, may});
}

void Interpreter::relate(const Value& up, const Value& down, Node at) {
  Endpoints from;
  Endpoints to;
  collect(up, from, false);
  collect(down, to, false);
  if (from.is_open && !to.found.empty()) {
    add_gap(at, "what runs before is not known", to.found);
  }
  if (to.is_open && !from.found.empty()) add_gap(at, "what runs after is not known", from.found);
  if (edges_.size() > kMostTasks * 4) return;
  for (const Endpoint& up_end : from.found) {
    for (const Endpoint& a : ends_of(up_end, true)) {
      for (const Endpoint& down_end : to.found) {
        for (const Endpoint& b : ends_of(down_end, false)) add_edge(a, b);
      }
    }
  }
}

Value Interpreter::call_relation(std::string_view name, const CallArguments& arguments, Node at) {
  std::vector<Value> steps = arguments.positional;
  const auto is_list = [](const Value& value) {
    return value.is(Value::Kind::list) || value.is(Value::Kind::tuple);
  };
  if (name == "cross_downstream") {
    const Value* from = arguments.get("from_tasks", 0);
    const Value* to = arguments.get("to_tasks", 1);
    if (from && to) relate(*from, *to, at);
    return Value::none();
  }
  if (arguments.is_open && !steps.empty()) {
    Endpoints all;
    for (const Value& step : steps) collect(step, all, false);
    add_gap(at, "what is unpacked here is not known", all.found);
  }
  if (name == "chain_linear") {
    std::erase_if(steps, [](const Value& step) {
      return step.is_sequence() && step.object->items.empty() && !step.object->is_open;
    });
  }
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    const Value& up = steps[i];
    const Value& down = steps[i + 1];
    const bool is_pairwise = name == "chain" && is_list(up) && is_list(down);
    if (!is_pairwise) {
      relate(up, down, at);
      continue;
    }
    const Object& a = *up.object;
    const Object& b = *down.object;
    if (a.is_open || b.is_open) {
      Endpoints all;
      collect(up, all, false);
      collect(down, all, false);
      add_gap(at, "what is chained here is not known", all.found);
    }
    for (std::size_t k = 0; k < std::min(a.items.size(), b.items.size()); ++k) {
      relate(a.items[k], b.items[k], at);
    }
  }
  return Value::none();
}

void Interpreter::add_gap_to(std::size_t dag, Node at, const std::string& reason) {
  const GraphPlace place = outer_place(at);
  for (const GraphGap& gap : dags_[dag].gaps) {
    if (gap.place.range == place.range && gap.reason == reason) return;
  }
  dags_[dag].gaps.push_back({place, reason});
}

void Interpreter::add_gap(Node at, std::string reason, const std::vector<Endpoint>& touched) {
  std::set<std::size_t> dags;
  for (const Endpoint& endpoint : touched) {
    dags.insert(endpoint.is_group ? groups_[endpoint.index].dag : tasks_[endpoint.index].dag);
  }
  dags.erase(kNoDag);
  for (const std::size_t dag : dags) add_gap_to(dag, at, reason);
}

}  // namespace dagfix

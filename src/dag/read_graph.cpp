#include "dag/read_graph.hpp"

#include <algorithm>
#include <utility>

#include "dag/interpreter.hpp"

namespace dagfix {

DagGraph read_graph(const SemanticModel& model, const std::string& path, const TaskNames& names,
                    const GraphModules& modules) {
  return Interpreter(names, modules).run(model, path);
}

DagGraph Interpreter::run(const SemanticModel& model, const std::string& path) {
  auto main = std::make_unique<LoadedModule>();
  main->path = path;
  main->model = &model;
  main->globals = make_scope();
  main->is_main = true;
  by_path_.emplace(path, main.get());
  loaded_.push_back(std::move(main));
  const LoadedModule& module = *loaded_.front();
  frames_.push_back({&module, module.globals, {}, {}, {}, false});
  execute_block(model.tree().root());
  if (!has_budget()) {
    for (std::size_t dag = 0; dag < dags_.size(); ++dag) {
      add_gap_to(dag, model.tree().root(), "the file does more than dagfix follows");
    }
  }
  return finish();
}

std::shared_ptr<NameScope> Interpreter::make_scope() {
  auto scope = std::make_shared<NameScope>();
  scopes_.push_back(scope);
  return scope;
}

const LoadedModule* Interpreter::load(std::string_view name) {
  const LoadedModule& importer = *frames_.back().module;
  auto found = modules_.find(name, importer.path);
  if (!found) return nullptr;
  const auto known = by_path_.find(found->path);
  if (known != by_path_.end()) return known->second;
  auto owned = std::make_unique<LoadedModule>();
  owned->path = std::move(found->path);
  owned->text = std::move(found->text);
  owned->tree = std::make_unique<SyntaxTree>(SyntaxTree::parse(owned->text));
  owned->resolver = modules_.resolver(owned->path);
  owned->own_model =
      std::make_unique<SemanticModel>(SemanticModel::build(*owned->tree, *owned->resolver));
  owned->model = owned->own_model.get();
  owned->globals = make_scope();
  const LoadedModule* module = owned.get();
  by_path_.emplace(module->path, module);
  loaded_.push_back(std::move(owned));
  const int unsure = std::exchange(unsure_, 0);
  const auto contexts = std::exchange(contexts_, {});
  call_sites_.push_back({importer.path, {}});
  frames_.push_back({module, module->globals, {}, {}, {}, false});
  execute_block(module->model->tree().root());
  frames_.pop_back();
  call_sites_.pop_back();
  contexts_ = contexts;
  unsure_ = unsure;
  return module;
}

Value Interpreter::imported(const std::string& module, const std::string& name) {
  const std::string path = module.empty() ? name : module + "." + name;
  const auto real = frames_.back().module->resolver
                        ? frames_.back().module->resolver->canonical(path)
                        : std::nullopt;
  return member(real.value_or(path));
}

Value Interpreter::member(const std::string& path) {
  // Kaapana's own classes are known from its tables, whether or not its sources are at hand.
  if (names_.find(path) && path.starts_with("kaapana")) return Value::symbol(path);
  const auto dot = path.rfind('.');
  if (dot == std::string::npos || path.starts_with("airflow.")) return Value::symbol(path);
  if (const LoadedModule* module = load(std::string_view(path).substr(0, dot))) {
    const auto found = module->globals->names.find(std::string_view(path).substr(dot + 1));
    if (found != module->globals->names.end()) return found->second;
  }
  return Value::symbol(path);
}

GraphPlace Interpreter::place_of(Node node) const {
  const LoadedModule& module = *frames_.back().module;
  return {module.is_main ? std::string() : module.path, node.range()};
}

// The call itself if it stands in the file; else the call of the file that leads to it.
GraphPlace Interpreter::outer_place(Node node) const {
  const GraphPlace place = place_of(node);
  if (place.path.empty()) return place;
  for (std::size_t i = call_sites_.size(); i-- > 0;) {
    if (call_sites_[i].path.empty() && call_sites_[i].range.size() > 0) return call_sites_[i];
  }
  return place;
}

DagGraph Interpreter::finish() {
  // What one module knows under a name is found, however it came there.
  for (const auto& [name, value] : loaded_.front()->globals->names) {
    if (value.is(Value::Kind::dag)) dags_[value.index()].is_entered = true;
    if (!value.is(Value::Kind::choice)) continue;
    for (const Value& one : value.object->items) {
      if (one.is(Value::Kind::dag)) dags_[one.index()].is_entered = true;
    }
  }
  DagGraph graph;
  std::vector<std::size_t> task_at(tasks_.size());
  std::vector<std::size_t> group_at(groups_.size());
  for (const Dag& dag : dags_) {
    GraphDag out;
    out.id = dag.id;
    out.place = dag.place;
    out.is_seen = dag.is_entered;
    out.may = dag.may;
    out.gaps = dag.gaps;
    graph.dags.push_back(std::move(out));
  }
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (groups_[i].dag == kNoDag) continue;
    auto& groups = graph.dags[groups_[i].dag].groups;
    group_at[i] = groups.size();
    const std::size_t parent = groups_[i].parent;
    groups.push_back(
        {groups_[i].id, parent == kNoGroup ? std::nullopt : std::optional(group_at[parent])});
  }
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    Task& task = tasks_[i];
    if (task.dag == kNoDag) continue;
    auto& tasks = graph.dags[task.dag].tasks;
    task_at[i] = tasks.size();
    GraphTask out;
    out.id = std::move(task.id);
    out.variable = std::move(task.variable);
    out.class_path = std::move(task.class_path);
    out.place = std::move(task.place);
    out.arguments = std::move(task.arguments);
    out.values = std::move(task.values);
    out.may_take_more = task.may_take_more;
    if (task.group != kNoGroup) out.group = group_at[task.group];
    out.may = task.may;
    out.many = task.many;
    tasks.push_back(std::move(out));
  }
  for (const Edge& edge : edges_) {
    const Task& from = tasks_[edge.from];
    const Task& to = tasks_[edge.to];
    if (from.dag == kNoDag || from.dag != to.dag) continue;
    graph.dags[from.dag].edges.push_back(
        {task_at[edge.from], task_at[edge.to], edge.may || from.may || to.may});
  }
  for (GraphDag& dag : graph.dags) std::ranges::sort(dag.edges);
  std::erase_if(graph.dags,
                [](const GraphDag& dag) { return !dag.id && dag.tasks.empty() && !dag.is_seen; });
  return graph;
}

}  // namespace dagfix

#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dag/read_graph.hpp"
#include "dag/value.hpp"

namespace dagfix {

/// A module whose statements are followed.
struct LoadedModule {
  std::string path;
  std::string text;  // of imported modules; the first one's text is the caller's
  std::unique_ptr<SyntaxTree> tree;
  std::unique_ptr<ModuleResolver> resolver;
  std::unique_ptr<SemanticModel> own_model;
  const SemanticModel* model = nullptr;
  std::shared_ptr<NameScope> globals;
  bool is_main = false;
};

/// Arguments of a call.
struct CallArguments {
  struct Keyword {
    std::string name;
    Value value;
  };
  std::vector<Value> positional;
  std::vector<Keyword> keywords;
  bool is_open = false;  ///< More may be given by unpacking what is not known.

  const Value* find(std::string_view name) const;
  /// Keyword, or the positional one with this number.
  const Value* get(std::string_view name, std::size_t position) const;
  void set(std::string_view name, Value value);
};

/// Follows the statements of a module as Python would, with values that may be unknown. Where a
/// condition is unknown, both ways are followed, and what they make is marked.
class Interpreter {
 public:
  Interpreter(const TaskNames& names, const GraphModules& modules)
      : names_(names), modules_(modules) {}
  Interpreter(const Interpreter&) = delete;
  Interpreter& operator=(const Interpreter&) = delete;
  ~Interpreter() { break_cycles(scopes_); }

  DagGraph run(const SemanticModel& model, const std::string& path);

 private:
  enum class Flow : std::uint8_t { next, break_, continue_, return_, raise_ };

  struct Frame {
    const LoadedModule* module = nullptr;
    std::shared_ptr<NameScope> scope;
    Value owner;  // the class whose method runs
    Value self;
    std::vector<Value> returns;
    bool is_generator = false;
  };

  struct Task {
    std::size_t dag = kNoDag;
    bool dag_unknown = false;
    std::optional<std::string> id;
    std::string class_path;
    std::string variable;
    bool is_global_variable = false;
    GraphPlace place;
    std::vector<GraphArgument> arguments;
    std::vector<GraphArgument> values;
    bool may_take_more = false;
    std::size_t group = kNoGroup;
    bool may = false;
    bool many = false;
    std::map<std::string, Value, std::less<>> attributes;
    std::shared_ptr<Object> instance;
  };

  /// An instance whose constructor runs, and what its class was called with.
  struct Construction {
    const Object* instance;
    CallArguments arguments;
  };

  struct Dag {
    std::optional<std::string> id;
    GraphPlace place;
    bool is_entered = false;
    bool may = false;
    bool is_implicit = false;  // stands for one that is not known
    std::vector<GraphGap> gaps;
  };

  struct Group {
    std::size_t dag = kNoDag;
    std::size_t parent = kNoGroup;
    std::optional<std::string> id;  // full
    bool has_prefix = true;
  };

  struct Edge {
    std::size_t from;
    std::size_t to;
    bool may;
  };

  struct Endpoint {
    bool is_group = false;
    std::size_t index = 0;
    bool may = false;
  };

  struct Endpoints {
    std::vector<Endpoint> found;
    bool is_open = false;
  };

  static constexpr std::size_t kNoDag = static_cast<std::size_t>(-1);
  static constexpr std::size_t kNoGroup = static_cast<std::size_t>(-1);

  // statements.cpp
  Flow execute_block(Node block);
  Flow execute(Node statement);
  Flow execute_if(Node statement);
  Flow execute_branches(const std::function<Flow()>& first, const std::function<Flow()>& second);
  Flow execute_for(Node statement);
  Flow execute_while(Node statement);
  Flow execute_loop_body(Node body, bool is_unknown);
  Flow execute_with(Node statement);
  Flow execute_try(Node statement);
  Flow execute_match(Node statement);
  void execute_import(Node statement);
  void execute_definition(Node statement, const std::vector<Node>& decorators);
  void execute_delete(Node statement);
  bool import_fails(Node body);
  void assign(Node target, const Value& value);
  void assign_parts(const std::vector<Node>& targets, const Value& value);
  void assign_augmented(Node statement);
  void name_task(Node target, const Value& value);
  void bind(std::string_view name, Value value);

  // expressions.cpp
  Value evaluate(Node node);
  Value evaluate_kind(Node node);
  Value look_up(Node identifier);
  Value evaluate_string(Node node);
  Value evaluate_binary(Node node);
  Value combine(std::string_view op, const Value& left, const Value& right, Node at);
  Value evaluate_comparison(Node node);
  Value evaluate_boolean(Node node);
  Value evaluate_subscript(Node node);
  Value item_of(const Value& container, const Value& key);
  Value evaluate_attribute(Node node);
  Value attribute_of(const Value& object, const std::string& name, Node at);
  Value attribute_of_task(const Value& task, const std::string& name);
  Value evaluate_comprehension(Node node);
  void comprehend(const std::vector<Node>& clauses, std::size_t at,
                  const std::function<void()>& body);
  Value evaluate_elements(Node node, Value::Kind kind);
  Value evaluate_dictionary(Node node);
  /// Elements one by one; false: there may be more.
  bool elements_of(const Value& value, std::vector<Value>& out);
  Value class_attribute(const Value& class_value, std::string_view name);

  // calls.cpp
  Value evaluate_call(Node node);
  CallArguments arguments_of(Node call);
  Value call(const Value& callee, CallArguments arguments, Node at);
  Value call_function(const Value& function, CallArguments arguments, const Value& owner, Node at);
  void bind_parameters(const Value& function, CallArguments arguments, NameScope& scope);
  Value run_function(const Value& function, Frame frame, Node body);
  Value call_decorated(const Value& function, CallArguments arguments, Node at);
  Value call_symbol(const std::string& path, CallArguments arguments, Node at);
  Value call_unknown(const std::string& what, const CallArguments& arguments, Node at);
  Value make_instance(const Value& class_value, CallArguments arguments, Node at);
  void construct(const Value& class_value, const Value& self, CallArguments arguments, Node at);
  Value call_super(const Value& super, const std::string& method, CallArguments arguments, Node at);
  Value decorate(Value function, const Value& decorator, Node at);

  // builtins.cpp
  std::optional<Value> call_builtin(std::string_view name, const CallArguments& arguments, Node at);
  Value call_method(const Value& method, CallArguments arguments, Node at);
  std::optional<Value> call_string_method(const std::string& text, std::string_view name,
                                          const CallArguments& arguments);
  std::optional<Value> call_list_method(const Value& list, std::string_view name,
                                        const CallArguments& arguments);
  std::optional<Value> call_dict_method(const Value& dict, std::string_view name,
                                        const CallArguments& arguments);
  void set_item(const Value& container, const Value& key, const Value& value);
  /// A list, tuple, set or dict that is made here.
  Value made(Value::Kind kind, std::vector<Value> items) const;
  /// Whether a change to a container may not happen.
  bool is_outer(const Value& container) const;

  // operators.cpp
  std::size_t make_dag(const CallArguments& arguments, Node at);
  Value make_group(const CallArguments& arguments, Node at);
  std::size_t add_group(const Value& id, bool has_prefix, std::size_t dag, std::size_t parent);
  /// Runs the constructor of a class of Kaapana's down to its base.
  void construct_known(const TaskNaming& naming, const Value& self, CallArguments arguments,
                       Node at);
  void construct_base(const TaskNaming& naming, const Value& self, const CallArguments& arguments,
                      Node at);
  void construct_airflow(const Value& self, const CallArguments& arguments, bool is_id_certain,
                         Node at);
  void add_values(Task& task, const Value& self) const;
  std::size_t add_task(const Value& self, const Value& id, const CallArguments& arguments, Node at);
  std::size_t dag_for(const CallArguments& arguments, std::size_t position, bool& is_unknown);
  std::size_t current_dag() const;
  std::size_t current_group(std::size_t dag) const;
  std::optional<std::string> prefixed(const Value& id, std::size_t group) const;
  std::string unique_id(const std::string& id, std::size_t dag, std::size_t group) const;
  std::size_t implicit_dag(Node at);
  Value literal(std::string_view text) const;
  Value parallel_id_of(const Value& input);

  // relations.cpp
  void collect(const Value& value, Endpoints& out, bool may);
  void relate(const Value& up, const Value& down, Node at);
  void add_edge(const Endpoint& from, const Endpoint& to);
  std::vector<Endpoint> ends_of(const Endpoint& endpoint, bool leaves) const;
  Value call_relation(std::string_view name, const CallArguments& arguments, Node at);
  void add_gap(Node at, std::string reason, const std::vector<Endpoint>& touched);
  void add_gap_to(std::size_t dag, Node at, const std::string& reason);
  bool is_in(std::size_t task, std::size_t group) const;
  void share_dag(std::size_t a, std::size_t b);

  // module.cpp
  std::shared_ptr<NameScope> make_scope();
  const LoadedModule* load(std::string_view module);
  Value imported(const std::string& module, const std::string& name);
  Value member(const std::string& path);
  DagGraph finish();
  GraphPlace place_of(Node node) const;
  GraphPlace outer_place(Node node) const;
  bool is_unsure() const { return unsure_ > 0; }
  bool has_budget() { return ++steps_ < kMostSteps; }

  static constexpr std::size_t kMostSteps = 400'000;
  static constexpr std::size_t kMostTasks = 5'000;
  static constexpr int kMostDepth = 80;

  const TaskNames& names_;
  const GraphModules& modules_;
  std::vector<std::unique_ptr<LoadedModule>> loaded_;
  std::map<std::string, const LoadedModule*, std::less<>> by_path_;
  std::vector<std::weak_ptr<NameScope>> scopes_;  // all that were made
  std::vector<Frame> frames_;
  std::vector<Value> contexts_;         // DAGs and groups that are entered
  std::vector<GraphPlace> call_sites_;  // of functions that run
  std::vector<Construction> constructions_;
  std::vector<Task> tasks_;
  std::vector<Dag> dags_;
  std::vector<Group> groups_;
  std::vector<Edge> edges_;
  int unsure_ = 0;        // depth of conditions that are unknown
  int round_unsure_ = 0;  // the part of it that ends with the round of the loop
  int many_ = 0;          // depth of loops that are unknown
  std::size_t steps_ = 0;
  int depth_ = 0;
};

}  // namespace dagfix

#include "rules/given_arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "fix/edits.hpp"
#include "rules/arguments.hpp"

namespace dagfix {

namespace {

/// Items of a call, `{...}` or `dict(...)`.
std::vector<Node> items_of(Node node) {
  return node.is(Kind::call) ? arguments_of(node) : node.named_children();
}

/// Whether the dictionary reaches no other call than this one.
bool is_only_unpacked_here(const SemanticModel& model, Node splat) {
  const auto inner = splat.named_children();
  if (!inner[0].is(Kind::identifier)) return true;
  const auto found = model.reaching(inner[0].text(), inner[0]);
  return found.size() == 1 && model.reads_of(found[0]).size() == 1;
}

}  // namespace

bool has_comment(const SyntaxTree& tree, Node node) {
  for (std::uint32_t id = node.id(); id < tree.subtree_end(node.id()); ++id) {
    if (tree.node(id).is(Kind::comment)) return true;
  }
  return false;
}

GivenArguments::GivenArguments(const RuleContext& context, Node call,
                               std::span<const std::string> positional, std::size_t leading,
                               Node partial)
    : context_(context), call_(call), items_(arguments_of(call)) {
  if (partial) {
    partial_items_ = arguments_of(partial);
    for (std::size_t i = 1; i < partial_items_.size(); ++i) {
      read(i - 1, partial_items_[i], positional);
    }
    if (std::ranges::any_of(items_, [](Node item) {
          return !item.is(Kind::keyword_argument) && !item.is(Kind::dictionary_splat);
        })) {
      problems_.emplace_back("the partial is called with positional arguments");
      reset();
      return;
    }
  }
  for (std::size_t i = leading; i < items_.size(); ++i) read(i - leading, items_[i], positional);
  reset();
}

void GivenArguments::reset() {
  drop_.assign(given_.size(), false);
  replaced_.assign(given_.size(), {});
  append_.clear();
}

void GivenArguments::read(std::size_t index, Node item, std::span<const std::string> positional) {
  switch (item.kind()) {
    case Kind::keyword_argument:
      return add({std::string(item.child(Field::name).text()), item, item.child(Field::value), {}});
    case Kind::dictionary_splat:
      return read_unpacked(item);
    case Kind::list_splat:
      problems_.emplace_back("its positional arguments come from a list");
      return;
    default:
      if (index < positional.size()) return add({positional[index], item, item, {}, true, true});
      problems_.emplace_back("it has more positional arguments than can be told apart");
  }
}

void GivenArguments::read_unpacked(Node splat) {
  const Node dictionary = unpacked_dictionary(context_.model, splat);
  const auto entries = dictionary ? dictionary_entries(context_.model, dictionary) : std::nullopt;
  if (!entries) {
    problems_.push_back(
        fmt::format("the arguments in '{}' cannot be seen from here", first_line(splat)));
    return;
  }
  const bool is_free = is_only_unpacked_here(context_.model, splat);
  if (is_free) dictionaries_.push_back(dictionary);
  for (const DictionaryEntry& entry : *entries) {
    const bool is_keyword = entry.node.is(Kind::keyword_argument);
    add({entry.key, is_keyword ? entry.node : entry.node.parent(), entry.value, splat, is_free});
  }
}

void GivenArguments::add(GivenArgument argument) {
  // Python finds this out at run time; written as two keywords it would not even parse.
  if (find(argument.name)) {
    problems_.push_back(fmt::format("'{}' is given twice", argument.name));
  }
  given_.push_back(std::move(argument));
}

const GivenArgument* GivenArguments::find(std::string_view name) const {
  const auto found = std::ranges::find(given_, name, &GivenArgument::name);
  return found == given_.end() ? nullptr : &*found;
}

Node GivenArguments::value(std::string_view name) const {
  const GivenArgument* argument = find(name);
  if (!argument || context_.model.value_of(argument->value).is(Kind::none)) return {};
  return argument->value;
}

std::string GivenArguments::fixed_reason(const GivenArgument& argument) const {
  if (argument.is_free) return {};
  return fmt::format("'{}' in '{}' has to change, and other calls use that, too", argument.name,
                     argument.splat.text());
}

void GivenArguments::drop(const GivenArgument& argument) { drop_[index_of(argument)] = true; }

void GivenArguments::replace(const GivenArgument& argument, Replacement replacement) {
  replaced_[index_of(argument)] = std::move(replacement);
}

void GivenArguments::rename(const GivenArgument& argument, std::string_view name) {
  replace(argument, {{std::string(name), std::string(argument.value.text())}});
}

void GivenArguments::append(std::string_view name, std::string_view value) {
  append_.push_back(fmt::format("{}={}", name, value));
}

bool GivenArguments::is_dropped(const GivenArgument& argument) const {
  return drop_[index_of(argument)];
}

bool GivenArguments::is_changed(const GivenArgument& argument) const {
  return is_dropped(argument) || !replaced_[index_of(argument)].empty();
}

std::vector<Edit> GivenArguments::edits(std::size_t staying) const {
  std::vector<Edit> edits;
  std::vector<Items> lists{{items_, std::vector<bool>(items_.size(), false)},
                           {partial_items_, std::vector<bool>(partial_items_.size(), false)}};
  for (const Node dictionary : dictionaries_) {
    auto nodes = items_of(dictionary);
    const std::size_t count = nodes.size();
    lists.push_back({std::move(nodes), std::vector<bool>(count, false)});
  }
  for (const GivenArgument& argument : given_) {
    const std::size_t index = index_of(argument);
    if (!replaced_[index].empty() && !drop_[index]) {
      add_replacement(argument, replaced_[index], edits);
    } else if (argument.positional && index >= staying && !drop_[index]) {
      edits.push_back({{argument.item.begin(), argument.item.begin()}, argument.name + "="});
    }
    if (!drop_[index]) continue;
    for (Items& list : lists) {
      const auto found = std::ranges::find(list.nodes, argument.item);
      if (found != list.nodes.end()) list.drop[found - list.nodes.begin()] = true;
    }
  }
  std::vector<Node> kept;
  for (std::size_t i = 0; i < items_.size(); ++i) {
    if (!lists[0].drop[i]) kept.push_back(items_[i]);
  }
  const std::string_view text = context_.tree().text();
  for (const Items& list : lists) {
    if (std::ranges::find(list.drop, true) == list.drop.end()) continue;
    const auto removed = remove_items(text, list.nodes, list.drop);
    edits.insert(edits.end(), removed.begin(), removed.end());
  }
  append_arguments(text, call_.child(Field::arguments), kept, append_, edits);
  return edits;
}

/// A mere new name leaves the value alone, and with it the comments inside.
void GivenArguments::add_replacement(const GivenArgument& argument, const Replacement& replacement,
                                     std::vector<Edit>& edits) const {
  const Node item = argument.item;
  const bool is_pair = item.is(Kind::pair);
  const auto name_of = [&](const std::string& name) { return is_pair ? '"' + name + '"' : name; };
  const bool same_value = replacement.size() == 1 && replacement[0].second == argument.value.text();
  if (same_value && argument.positional) {
    edits.push_back({{item.begin(), item.begin()}, replacement[0].first + "="});
    return;
  }
  if (same_value) {
    const Node name = item.child(is_pair ? Field::key : Field::name);
    const auto content = is_pair ? plain_content(name) : std::nullopt;
    edits.push_back(content ? Edit{*content, replacement[0].first}
                            : Edit{name.range(), name_of(replacement[0].first)});
    return;
  }
  std::vector<std::string> parts;
  for (const auto& [name, value] : replacement) {
    parts.push_back(fmt::format("{}{}{}", name_of(name), is_pair ? ": " : "=", value));
  }
  edits.push_back(
      {item.range(),
       fmt::format("{}", fmt::join(parts, separator_behind(context_.tree().text(), item)))});
}

std::string_view first_line(Node node) {
  return node.text().substr(0, node.text().find_first_of("\r\n"));
}

}  // namespace dagfix

#include "runtime/view/keycloak.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/view/kubernetes.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::string_view kExport = "keycloak/kaapana-realm.json";
constexpr int kMostDepth = 20;

/// Calls `take` with each group of a list, and with those below.
template <typename Take>
void each_group(const Json& groups, int depth, Take take) {
  if (!groups.is_array() || depth > kMostDepth) return;
  for (const Json& group : groups) {
    take(group);
    if (const Json* const below = value_at(group, "/subGroups"))
      each_group(*below, depth + 1, take);
  }
}

std::vector<std::string> texts_of(const Json* list) {
  std::vector<std::string> texts;
  if (!list || !list->is_array()) return texts;
  for (const Json& value : *list) {
    std::string text = value.is_string() ? value.get<std::string>() : text_at(value, "/name");
    texts.push_back(text.substr(text.rfind('/') + 1));
  }
  return texts;
}

Unseen strange(std::string_view entry) {
  return {State::malformed, std::string(entry), "is no answer of Keycloak"};
}

}  // namespace

Keycloak::Keycloak(const Bundle& bundle) : bundle_(bundle), realm_(bundle.json(kExport)) {
  if (realm_.is_ok() && !realm_->is_object()) realm_ = strange(kExport);
}

/// The live answer if there is one, else what the export has at a pointer.
Answer<Json> Keycloak::ask(std::string_view live, std::string_view exported) const {
  if (bundle_.find(live) || !realm_.is_ok()) {
    const auto json = bundle_.json(live);
    if (!json.is_unseen() || !realm_.is_ok()) {
      if (json.is_ok() && !json->is_array()) return strange(live);
      return json;
    }
  }
  const Json* const value = value_at(*realm_, exported);
  // A partial export of the console has no users, and says nothing of them.
  if (!value) {
    return Unseen{State::unreachable, std::string(kExport),
                  fmt::format("the export has no {}", exported.substr(1))};
  }
  return *value;
}

Truth Keycloak::has_role(std::string_view name) const {
  return ask("keycloak/roles.json", "/roles/realm").test([&](const Json& roles) {
    return std::ranges::any_of(roles,
                               [&](const Json& role) { return text_at(role, "/name") == name; });
  });
}

Answer<std::vector<std::string>> Keycloak::groups() const {
  return ask("keycloak/groups.json", "/groups").map([](const Json& list) {
    std::vector<std::string> names;
    each_group(list, 0, [&](const Json& group) { names.push_back(text_at(group, "/name")); });
    return names;
  });
}

Answer<std::vector<std::string>> Keycloak::group_roles(std::string_view group) const {
  const std::string own = fmt::format("keycloak/group_roles_{}.json", group);
  if (bundle_.find(own)) {
    return bundle_.json(own).map([](const Json& list) { return texts_of(&list); });
  }
  const auto list = ask("keycloak/groups.json", "/groups");
  using Names = std::vector<std::string>;
  if (!list.is_ok()) return list.map([](const Json&) { return Names(); });
  const Json* found = nullptr;
  each_group(*list, 0, [&](const Json& candidate) {
    if (text_at(candidate, "/name") == group) found = &candidate;
  });
  if (!found) return Answer<Names>::absent();
  return texts_of(value_at(*found, "/realmRoles"));
}

Answer<Keycloak::User> Keycloak::user(std::string_view name) const {
  const std::string live = fmt::format("keycloak/users_{}.json", name);
  const auto users = ask(live, "/users");
  if (!users.is_ok()) return users.map([](const Json&) { return User(); });
  const auto found = std::ranges::find_if(
      *users, [&](const Json& user) { return text_at(user, "/username") == name; });
  if (found == users->end()) return Answer<User>::absent();
  User user;
  const Json* const enabled = value_at(*found, "/enabled");
  user.is_enabled = !enabled || *enabled != false;
  if (const Json* const groups = value_at(*found, "/groups")) {
    user.groups = texts_of(groups);
    return user;
  }
  return bundle_.json(fmt::format("keycloak/user_groups_{}.json", name)).map([&](const Json& list) {
    User with_groups = user;
    with_groups.groups = texts_of(&list);
    return with_groups;
  });
}

}  // namespace dagfix::runtime

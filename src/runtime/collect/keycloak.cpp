#include <fmt/format.h>

#include "runtime/collect/services.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::string_view kClient = "admin-cli";
constexpr std::string_view kMaster = "master";
constexpr std::size_t kMostGroups = 200;

std::vector<std::string> entries() {
  return {"keycloak/reachable.json", "keycloak/roles.json", "keycloak/groups.json",
          "keycloak/users_system.json", "keycloak/user_groups_system.json"};
}

std::string text_of(const Json& object, const char* key) {
  if (!object.is_object() || !object.contains(key) || !object[key].is_string()) return {};
  return object[key];
}

/// Logs in. False: everything has failed, and `findings` says why.
bool log_in(const ProbeContext& context, HttpClient& client, bool has_password,
            Findings& findings) {
  const auto give_up = [&](State state, const std::string& evidence) {
    fail_all(findings, entries(), state, evidence);
    return false;
  };
  const auto token = read_secret(context.profile, "keycloak.token");
  if (!token) return give_up(State::unreachable, token.error());
  if (!token->empty()) {
    client.use_token(*token);
    return true;
  }
  if (!has_password || context.profile.get("keycloak.user").empty()) {
    return give_up(State::unreachable,
                   "not asked: set keycloak.user and keycloak.password, or keycloak.token");
  }
  findings.asking("keycloak: login");
  HttpAnswer answer = client.post_for_token(kMaster, kClient);
  // A wrong password is 401; a client that may not is 400.
  if (answer.status == 400) answer.state = State::denied;
  // Without this address there is another server, not a Keycloak without roles.
  if (answer.state == State::absent) {
    return give_up(State::unreachable,
                   answer.evidence + ": there is no Keycloak; see keycloak.url");
  }
  if (answer.state != State::ok) return give_up(answer.state, answer.evidence);
  const Json body = Json::parse(answer.body, nullptr, false);
  const Secret access(text_of(body, "access_token"));
  const Secret forgotten(std::move(answer.body));
  if (access.empty()) return give_up(State::malformed, answer.evidence + ": there is no token");
  client.use_token(access);
  return true;
}

void ask_reachable(HttpClient& client, Findings& findings) {
  const HttpAnswer answer = client.get("/");
  if (answer.status == 0) {
    return findings.fail("keycloak/reachable.json", answer.state, answer.evidence);
  }
  findings.put("keycloak/reachable.json", Json{{"status", answer.status}}.dump(), answer.evidence);
}

void ask_group_roles(HttpClient& client, const std::string& realm, Findings& findings) {
  const auto groups = findings.bundle().json("keycloak/groups.json");
  if (!groups.is_ok() || !groups->is_array()) return;
  std::size_t count = 0;
  for (const Json& group : *groups) {
    const std::string name = text_of(group, "name");
    const std::string entry = fmt::format("keycloak/group_roles_{}.json", name);
    if (name.contains('/') || !entry_name_problem(entry).empty() || ++count > kMostGroups) {
      findings.warn(fmt::format("Keycloak: group '{}' was not looked at", name));
      continue;
    }
    findings.asking(entry);
    findings.put_json(entry, client.get(fmt::format("{}/groups/{}/role-mappings/realm", realm,
                                                    url_encoded(text_of(group, "id")))));
  }
}

void ask_system_user(HttpClient& client, const std::string& realm, Findings& findings) {
  findings.asking("keycloak/users_system.json");
  findings.put_json("keycloak/users_system.json",
                    client.get(realm + "/users?username=system&exact=true"));
  constexpr const char* kGroups = "keycloak/user_groups_system.json";
  const auto users = findings.bundle().json("keycloak/users_system.json");
  if (!users.is_ok()) {
    const auto* const entry = findings.bundle().find("keycloak/users_system.json");
    return findings.fail(kGroups, entry->state, entry->evidence);
  }
  const bool is_there = users->is_array() && !users->empty();
  const std::string id = is_there ? text_of(users->front(), "id") : "";
  if (id.empty()) return findings.fail(kGroups, State::absent, "there is no user 'system'");
  findings.put_json(kGroups, client.get(fmt::format("{}/users/{}/groups", realm, url_encoded(id))));
}

/// False: everything has failed. Without the realm all else would look as if it were missing in it.
bool has_realm(HttpClient& client, const std::string& realm, Findings& findings) {
  findings.asking("keycloak: realm");
  const HttpAnswer answer = client.get(realm);
  if (answer.state == State::ok) return true;
  const bool is_absent = answer.state == State::absent;
  fail_all(findings, entries(), is_absent ? State::unreachable : answer.state,
           is_absent ? answer.evidence + ": there is no such realm; set keycloak.realm"
                     : answer.evidence);
  return false;
}

void ask_keycloak(const ProbeContext& context, Findings& findings) {
  auto options = service_options(context, "keycloak");
  if (!options) return fail_all(findings, entries(), State::unreachable, options.error());
  const bool has_password = !options->secret.empty();
  HttpClient client(*std::move(options));
  findings.asking("keycloak/reachable.json");
  ask_reachable(client, findings);
  if (const auto* const entry = findings.bundle().find("keycloak/reachable.json");
      entry->state != State::ok) {
    return fail_all(findings, entries(), entry->state, entry->evidence);
  }
  if (!log_in(context, client, has_password, findings)) return;
  const std::string realm =
      fmt::format("/admin/realms/{}", url_encoded(context.profile.get("keycloak.realm")));
  if (!has_realm(client, realm, findings)) return;
  findings.asking("keycloak/roles.json");
  findings.put_json("keycloak/roles.json", client.get(realm + "/roles"));
  findings.asking("keycloak/groups.json");
  findings.put_json("keycloak/groups.json",
                    client.get(realm + "/groups?briefRepresentation=false"));
  ask_group_roles(client, realm, findings);
  ask_system_user(client, realm, findings);
}

}  // namespace

Probe keycloak_probe() { return {"keycloak", entries(), ask_keycloak}; }

}  // namespace dagfix::runtime

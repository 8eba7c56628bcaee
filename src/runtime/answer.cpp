#include "runtime/answer.hpp"

#include <algorithm>
#include <array>
#include <iterator>

namespace dagfix::runtime {

namespace {

constexpr std::array<std::pair<State, std::string_view>, 5> kStates{{
    {State::ok, "ok"},
    {State::absent, "absent"},
    {State::denied, "denied"},
    {State::unreachable, "unreachable"},
    {State::malformed, "malformed"},
}};

struct Hint {
  std::string_view prefix;
  std::string_view when_denied;
  std::string_view otherwise;
};

constexpr Hint kHints[] = {
    {"fs/", "run it with sudo: database folders belong to their service",
     "name the folder in the profile and collect again on the machine that has it"},
    {"pg/", "run it with sudo", "name the folder that has it in the profile and collect again"},
    {"scripts/deploy", "run it with sudo", "name it in the profile (platform.deploy-script)"},
    {"scripts/", "run it with sudo",
     "name the folder that has it in the profile (platform.scripts)"},
    {"k8s/", "the kubeconfig needs get and list on this kind in all namespaces",
     "give a kubeconfig (kubernetes.kubeconfig in the profile) and reach the API server"},
    {"keycloak/", "the profile needs an administrator of Keycloak's master realm",
     "set keycloak.url and its credentials in the profile, or add a realm export to the bundle"},
    {"opensearch/", "OpenSearch needs the admin client certificate or a Kaapana administrator",
     "set opensearch.url in the profile, reachable from here"},
    {"minio/", "the profile needs MinIO's root user",
     "set minio.url in the profile, or add minio/ls.txt"},
    {"sql/", "the database user may not read this",
     "set the database's host in the profile, or add a dump as pg/<db>.sql"},
    {"ldap/", "the bind user may not read this",
     "set ldap.url in the profile, or add ldap/data.ldif"},
    {"slapd.d/", "run it with sudo", "copy slapd.d into the bundle"},
    {"units.txt", "the system bus has to answer: run it with sudo",
     "run it on OpenREM's machine, or add what systemctl show says"},
    {"host.json", "docker's socket has to answer: run it with sudo",
     "run it on the platform's machine"},
    {"profile", "", "put it into a profile, and give that with --profile"},
    {"phase", "", "reach the API server, or say it with --phase"},
    {"baseline", "", "take a bundle before the upgrade with --collect and give it with --baseline"},
};

}  // namespace

std::string_view name_of(State state) {
  return std::ranges::find(kStates, state, &decltype(kStates)::value_type::first)->second;
}

std::optional<State> state_named(std::string_view name) {
  const auto found = std::ranges::find(kStates, name, &decltype(kStates)::value_type::second);
  if (found == kStates.end()) return std::nullopt;
  return found->first;
}

std::string access_hint(const Unseen& unseen) {
  if (unseen.state == State::malformed) return "look at it and collect it again";
  for (const Hint& hint : kHints) {
    if (!unseen.entry.starts_with(hint.prefix)) continue;
    return std::string(unseen.state == State::denied ? hint.when_denied : hint.otherwise);
  }
  return unseen.state == State::denied ? "run it with sudo" : "collect it again";
}

Truth Truth::unknown(Unseen why) {
  Truth truth;
  truth.unseen_.push_back(std::move(why));
  return truth;
}

Truth Truth::operator!() const {
  Truth result = *this;
  if (value_) result.value_ = !*value_;
  return result;
}

Truth Truth::combine(const Truth& left, const Truth& right, bool decisive) {
  if (left.value_ == decisive || right.value_ == decisive) return decisive;
  if (left.value_ && right.value_) return !decisive;
  Truth result;
  std::ranges::set_union(left.unseen_, right.unseen_, std::back_inserter(result.unseen_));
  return result;
}

Truth operator&&(const Truth& left, const Truth& right) {
  return Truth::combine(left, right, false);
}
Truth operator||(const Truth& left, const Truth& right) {
  return Truth::combine(left, right, true);
}

}  // namespace dagfix::runtime

#include <fmt/format.h>
#include <strings.h>

#include "runtime/collect/ldap.hpp"
#include "runtime/collect/services.hpp"

namespace dagfix::runtime {

namespace {

constexpr const char* kData = "ldap/data.ldif";
constexpr const char* kUsers = "ldap/users.ldif";
constexpr const char* kSchema = "ldap/schema.ldif";

bool is_below(std::string_view name, const std::string& base) {
  if (name.size() < base.size()) return false;
  return ::strcasecmp(name.substr(name.size() - base.size()).data(), base.c_str()) == 0;
}

std::string ldif_of(const LdapAnswer& answer, const std::string& without) {
  std::string text = "version: 1\n";
  for (const LdapEntry& entry : answer.entries) {
    if (!without.empty() && is_below(entry.name, without)) continue;
    text += '\n' + entry.ldif;
  }
  return text;
}

void put(Findings& findings, const char* name, const LdapAnswer& answer,
         const std::string& without) {
  if (answer.state != State::ok) return findings.fail(name, answer.state, answer.evidence);
  findings.put(name, ldif_of(answer, without), answer.evidence);
}

void ask_ldap(const ProbeContext& context, Findings& findings) {
  const auto give_up = [&](const std::string& evidence) {
    fail_all(findings, {kData, kUsers, kSchema}, State::unreachable, evidence);
  };
  LdapTarget target;
  target.url = context.profile.get("ldap.url");
  target.timeout = context.timeout;
  if (target.url.empty()) {
    return give_up("not asked: ldap.url is not set, and the cluster does not tell it");
  }
  auto password = read_secret(context.profile, "ldap.password");
  if (!password) return give_up(password.error());
  // Bound as nobody, one sees less, and what is hidden looks as if it were not there.
  if (password->empty()) return give_up("not asked: set ldap.password");
  target.bind = context.profile.get("ldap.bind");
  target.password = *password;
  target.ca_file = context.profile.get("ldap.ca");
  findings.asking(kData);
  const std::string base = context.profile.get("ldap.base");
  const std::string users = "ou=users," + base;
  const auto answers = ldap_search(target, {{base, false, {"*", "+"}},
                                            {users, false, {"*"}},
                                            {"cn=Subschema", true, {"attributeTypes"}}});
  put(findings, kData, answers[0], users);
  put(findings, kUsers, answers[1], {});
  put(findings, kSchema, answers[2], {});
}

}  // namespace

Probe ldap_probe() { return {"ldap", {kData, kUsers, kSchema}, ask_ldap}; }

}  // namespace dagfix::runtime

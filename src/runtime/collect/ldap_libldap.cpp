#include "runtime/collect/ldap.hpp"

#include <fmt/format.h>
#include <ldap.h>
#include <ldif.h>
#include <strings.h>

#include <memory>

#include "runtime/mask.hpp"

namespace dagfix::runtime {

namespace {

constexpr ber_int_t kPageSize = 500;
constexpr std::size_t kMostEntries = 200'000;

struct Unbind {
  void operator()(LDAP* ldap) const { ldap_unbind_ext_s(ldap, nullptr, nullptr); }
};
using Session = std::unique_ptr<LDAP, Unbind>;
using Message = std::unique_ptr<LDAPMessage, decltype(&ldap_msgfree)>;

State state_of(int code) {
  switch (code) {
    case LDAP_SUCCESS:
      return State::ok;
    case LDAP_NO_SUCH_OBJECT:
      return State::absent;
    case LDAP_INVALID_CREDENTIALS:
    case LDAP_INSUFFICIENT_ACCESS:
    case LDAP_STRONG_AUTH_REQUIRED:
    case LDAP_INAPPROPRIATE_AUTH:
      return State::denied;
    case LDAP_SERVER_DOWN:
    case LDAP_TIMEOUT:
    case LDAP_TIMELIMIT_EXCEEDED:
    case LDAP_CONNECT_ERROR:
    case LDAP_BUSY:
    case LDAP_UNAVAILABLE:
      return State::unreachable;
    default:
      return State::malformed;
  }
}

std::string text_of(LDAP* ldap, int code, std::string_view what) {
  char* diagnostic = nullptr;
  if (ldap) ldap_get_option(ldap, LDAP_OPT_DIAGNOSTIC_MESSAGE, &diagnostic);
  std::string text = fmt::format("{}: {} {}", what, code, ldap_err2string(code));
  if (diagnostic && *diagnostic) text += fmt::format(": {}", diagnostic);
  ldap_memfree(diagnostic);
  return text;
}

LdapAnswer failure(LDAP* ldap, int code, std::string_view what) {
  return {state_of(code), text_of(ldap, code, what), {}};
}

timeval to_timeval(std::chrono::milliseconds time) {
  return {time.count() / 1000, (time.count() % 1000) * 1000};
}

/// A session that is bound; the answer is why there is none.
std::expected<Session, LdapAnswer> open(const LdapTarget& target) {
  LDAP* raw = nullptr;
  if (const int code = ldap_initialize(&raw, target.url.c_str()); code != LDAP_SUCCESS) {
    return std::unexpected(failure(nullptr, code, target.url));
  }
  Session session(raw);
  const int version = LDAP_VERSION3;
  const int demand = LDAP_OPT_X_TLS_DEMAND;
  const timeval timeout = to_timeval(target.timeout);
  ldap_set_option(raw, LDAP_OPT_PROTOCOL_VERSION, &version);
  ldap_set_option(raw, LDAP_OPT_NETWORK_TIMEOUT, &timeout);
  ldap_set_option(raw, LDAP_OPT_TIMEOUT, &timeout);
  ldap_set_option(raw, LDAP_OPT_REFERRALS, LDAP_OPT_OFF);
  ldap_set_option(raw, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
  if (!target.ca_file.empty()) {
    const int client = 0;
    ldap_set_option(raw, LDAP_OPT_X_TLS_CACERTFILE, target.ca_file.c_str());
    ldap_set_option(raw, LDAP_OPT_X_TLS_NEWCTX, &client);
  }
  berval password{std::string_view(target.password.reveal()).size(),
                  const_cast<char*>(target.password.reveal())};
  const int code = ldap_sasl_bind_s(raw, target.bind.empty() ? nullptr : target.bind.c_str(),
                                    LDAP_SASL_SIMPLE, &password, nullptr, nullptr, nullptr);
  if (code == LDAP_SUCCESS) return session;
  LdapAnswer answer = failure(raw, code, fmt::format("{}: bind", target.url));
  // libldap does not tell a certificate that is not accepted from nobody there.
  const bool may_be_tls = target.url.starts_with("ldaps://") && code == LDAP_SERVER_DOWN;
  if (may_be_tls) answer.evidence += ", or its certificate is not accepted: see ldap.ca";
  return std::unexpected(std::move(answer));
}

void add_value(std::string& ldif, const char* attribute, const berval& value) {
  char* const text = ldif_put_wrap(LDIF_PUT_VALUE, attribute, value.bv_val,
                                   static_cast<ber_len_t>(value.bv_len), LDIF_LINE_WIDTH_MAX);
  if (text) ldif += text;
  ber_memfree(text);
}

/// "userPassword" and what the mask knows: not even a hash is kept.
bool is_secret(std::string_view attribute) {
  return is_secret_key(attribute) || attribute.ends_with("Pin");
}

LdapEntry to_entry(LDAP* ldap, LDAPMessage* message) {
  LdapEntry entry;
  char* const name = ldap_get_dn(ldap, message);
  entry.name = name ? name : "";
  ldap_memfree(name);
  berval dn{entry.name.size(), entry.name.data()};
  add_value(entry.ldif, "dn", dn);
  BerElement* place = nullptr;
  for (char* attribute = ldap_first_attribute(ldap, message, &place); attribute;
       attribute = ldap_next_attribute(ldap, message, place)) {
    if (!is_secret(attribute)) {
      berval** const values = ldap_get_values_len(ldap, message, attribute);
      for (int i = 0; values && values[i]; ++i) add_value(entry.ldif, attribute, *values[i]);
      ldap_value_free_len(values);
    }
    ldap_memfree(attribute);
  }
  ber_free(place, 0);
  return entry;
}

/// The server's mark for the next page; empty after the last one.
std::string next_page(LDAP* ldap, LDAPMessage* message) {
  LDAPControl** controls = nullptr;
  int code = 0;
  ldap_parse_result(ldap, message, &code, nullptr, nullptr, nullptr, &controls, 0);
  LDAPControl* const page = ldap_control_find(LDAP_CONTROL_PAGEDRESULTS, controls, nullptr);
  std::string mark;
  berval cookie{0, nullptr};
  ber_int_t estimate = 0;
  if (page && ldap_parse_pageresponse_control(ldap, page, &estimate, &cookie) == LDAP_SUCCESS) {
    mark.assign(cookie.bv_val ? cookie.bv_val : "", cookie.bv_len);
    ber_memfree(cookie.bv_val);
  }
  ldap_controls_free(controls);
  return mark;
}

LdapAnswer search(LDAP* ldap, const LdapSearch& wanted, std::chrono::milliseconds time) {
  std::vector<std::string> names = wanted.attributes;
  std::vector<char*> attributes;
  for (std::string& name : names) attributes.push_back(name.data());
  attributes.push_back(nullptr);
  timeval timeout = to_timeval(time);
  const int scope = wanted.only_base ? LDAP_SCOPE_BASE : LDAP_SCOPE_SUBTREE;
  LdapAnswer answer;
  std::string mark;
  do {
    berval cookie{mark.size(), mark.data()};
    LDAPControl* page = nullptr;
    ldap_create_page_control(ldap, kPageSize, &cookie, 0, &page);
    LDAPControl* controls[] = {wanted.only_base ? nullptr : page, nullptr};
    LDAPMessage* raw = nullptr;
    const int code =
        ldap_search_ext_s(ldap, wanted.base.c_str(), scope, "(objectClass=*)", attributes.data(), 0,
                          controls, nullptr, &timeout, LDAP_NO_LIMIT, &raw);
    ldap_control_free(page);
    const Message message(raw, &ldap_msgfree);
    if (code != LDAP_SUCCESS) {
      return failure(ldap, code, fmt::format("search {}", wanted.base));
    }
    for (LDAPMessage* found = ldap_first_entry(ldap, raw); found;
         found = ldap_next_entry(ldap, found)) {
      answer.entries.push_back(to_entry(ldap, found));
    }
    mark = wanted.only_base ? "" : next_page(ldap, raw);
    if (answer.entries.size() > kMostEntries) {
      return {State::malformed, fmt::format("search {}: too many entries", wanted.base), {}};
    }
  } while (!mark.empty());
  answer.evidence = fmt::format("search {}: {} entries", wanted.base, answer.entries.size());
  return answer;
}

}  // namespace

std::vector<LdapAnswer> ldap_search(const LdapTarget& target,
                                    const std::vector<LdapSearch>& searches) {
  const auto session = open(target);
  std::vector<LdapAnswer> answers;
  for (const LdapSearch& wanted : searches) {
    answers.push_back(session ? search(session->get(), wanted, target.timeout) : session.error());
  }
  return answers;
}

}  // namespace dagfix::runtime

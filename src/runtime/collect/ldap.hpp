#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <vector>

#include "runtime/answer.hpp"
#include "runtime/collect/secret.hpp"

namespace dagfix::runtime {

struct LdapTarget {
  std::string url;
  std::string bind;  ///< Name to bind with; empty: anonymous.
  Secret password;
  std::string ca_file;  ///< For ldaps://; empty: what LDAPTLS_CACERT or ldap.conf names.
  std::chrono::milliseconds timeout{10'000};
};

struct LdapEntry {
  std::string name;  ///< Distinguished name.
  std::string ldif;  ///< With the line "dn: ...", without what is a password.
};

struct LdapSearch {
  std::string base;
  bool only_base = false;  ///< Not what lies below.
  std::vector<std::string> attributes;
};

/// The only thing in dagfix that speaks LDAP: bind, search, unbind. Certificates are verified.
/// The answer to each search, in order; or why nobody could be asked. Entries of a search that
/// failed: `state` and `evidence` tell, absent if the base is not there.
struct LdapAnswer {
  State state = State::ok;
  std::string evidence;
  std::vector<LdapEntry> entries;
};
std::vector<LdapAnswer> ldap_search(const LdapTarget& target,
                                    const std::vector<LdapSearch>& searches);

}  // namespace dagfix::runtime

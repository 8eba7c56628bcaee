#include "runtime/collect/ldap.hpp"

namespace dagfix::runtime {

std::vector<LdapAnswer> ldap_search(const LdapTarget&, const std::vector<LdapSearch>& searches) {
  return std::vector<LdapAnswer>(searches.size(),
                                 {State::unreachable, "not built in: libldap", {}});
}

}  // namespace dagfix::runtime

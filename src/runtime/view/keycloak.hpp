#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle.hpp"

namespace dagfix::runtime {

/// The realm of Kaapana as keycloak/ of a bundle has it: an export, or answers of the admin API.
class Keycloak {
 public:
  explicit Keycloak(const Bundle& bundle);

  Truth has_role(std::string_view name) const;
  /// Names of all groups, also those below others.
  Answer<std::vector<std::string>> groups() const;
  /// Realm roles of a group. Absent: no such group.
  Answer<std::vector<std::string>> group_roles(std::string_view group) const;

  struct User {
    bool is_enabled = true;
    std::vector<std::string> groups;  ///< Names, without the path.
  };
  /// Absent: no such user.
  Answer<User> user(std::string_view name) const;

 private:
  Answer<Json> ask(std::string_view live, std::string_view exported) const;

  const Bundle& bundle_;
  Answer<Json> realm_;
};

}  // namespace dagfix::runtime

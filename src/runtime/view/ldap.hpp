#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/bundle.hpp"
#include "runtime/time.hpp"

namespace dagfix::runtime {

/// The directory of the archive as ldap/ and slapd.d/ of a bundle have it. Names are compared
/// without regard to case, as the directory itself does.
class Ldap {
 public:
  explicit Ldap(const Bundle& bundle);

  struct Entry {
    std::string name;  ///< In small letters, no spaces at commas.
    std::map<std::string, std::vector<std::string>> values;  ///< By attribute, in small letters.

    bool has(std::string_view attribute) const;
    bool has(std::string_view attribute, std::string_view value) const;
  };
  using Entries = std::vector<Entry>;

  /// Archive devices: entries with a dicomDeviceName below "cn=Devices".
  Answer<std::vector<std::string>> devices() const;
  /// An entry and all below it; none if it is not there.
  Answer<Entries> below(std::string_view name) const;
  /// Whether the schema has an attribute type.
  Truth has_attribute_type(std::string_view name) const;
  /// User names of a role of ou=users. Absent: no such role.
  Answer<std::vector<std::string>> members(std::string_view role) const;

 private:
  Answer<Entries> data_;
  Answer<Entries> users_;
  const Bundle& bundle_;
};

/// Reads LDIF: folded lines, comments, base64 values. What is no LDIF has no entries.
Ldap::Entries parse_ldif(std::string_view text);

/// Of modifyTimestamp: "20260301101500Z".
std::optional<Time> parse_ldap_time(std::string_view text);

}  // namespace dagfix::runtime

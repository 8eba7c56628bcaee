#pragma once

#include "runtime/collect/probe.hpp"

namespace dagfix::runtime {

/// Indices, repositories, snapshots, counts and tasks of OpenSearch.
Probe opensearch_probe();

/// Roles, groups and the user "system" of Keycloak's realm.
Probe keycloak_probe();

/// Buckets and objects of MinIO.
Probe minio_probe();

/// The archive's configuration and users in LDAP.
Probe ldap_probe();

/// Tables and queries of one database; see rules/runtime/queries.json.
Probe database_probe(std::string_view database);

/// Options for the service of a table of the profile, "opensearch": url, user, password, ca,
/// client-cert, client-key. The error is why it cannot be asked.
std::expected<HttpOptions, std::string> service_options(const ProbeContext& context,
                                                        const std::string& table);

}  // namespace dagfix::runtime

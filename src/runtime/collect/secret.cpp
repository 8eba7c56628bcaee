#include "runtime/collect/secret.hpp"

#include <fmt/format.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdlib>

#include "runtime/file.hpp"

namespace dagfix::runtime {

namespace {

constexpr std::uint64_t kMostSecret = std::uint64_t{64} << 10;

}  // namespace

Secret& Secret::operator=(const Secret& other) {
  if (this == &other) return *this;
  ::explicit_bzero(value_.data(), value_.capacity());
  value_ = other.value_;
  return *this;
}

Secret::~Secret() { ::explicit_bzero(value_.data(), value_.capacity()); }

std::expected<Secret, std::string> read_secret(const Profile& profile, std::string_view key) {
  const SecretReference* const reference = profile.find_secret(key);
  if (!reference) return Secret();
  if (reference->kind == SecretReference::Kind::environment) {
    const char* const value = std::getenv(reference->name.c_str());
    if (value && *value) return Secret(value);
    return std::unexpected(
        fmt::format("{}: the environment variable {} is not set", key, reference->name));
  }
  auto bytes = read_whole(reference->name, kMostSecret);
  if (!bytes) {
    return std::unexpected(fmt::format("{}: {}: {}", key, reference->name, bytes.error()));
  }
  // An editor ends the file with a line break, which is no part of the secret.
  while (bytes->ends_with('\n') || bytes->ends_with('\r')) bytes->pop_back();
  if (bytes->empty()) return std::unexpected(fmt::format("{}: {} is empty", key, reference->name));
  return Secret(*std::move(bytes));
}

void forbid_core_dumps() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__  // LeakSanitizer has to look into this process.
  ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace dagfix::runtime

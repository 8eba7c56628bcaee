#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace dagfix::runtime {

/// One key of a profile: "platform.fast" is `fast` in the table [platform].
struct ProfileKey {
  std::string_view name;
  std::string_view otherwise;  ///< What holds if nothing says another; may be empty.
  bool is_secret = false;      ///< Its value is a reference: {env = "NAME"} or {file = "PATH"}.
  std::string_view help;       ///< For the documentation; one line.
};

/// All keys, by table. "*" in a name stands for the name of a database.
std::span<const ProfileKey> profile_keys();
/// The names of the databases, as in sql/<name>.json.
std::span<const std::string_view> database_names();
/// The key of this name; null if there is none.
const ProfileKey* find_profile_key(std::string_view name);

/// Where a secret is; it is read when it is used, by the collectors only.
struct SecretReference {
  enum class Kind : std::uint8_t { environment, file };
  Kind kind = Kind::environment;
  std::string name;  ///< Of the variable, or path.
};

/// What this platform is called: folders, namespaces, addresses. Nothing about it is hard-coded.
class Profile {
 public:
  /// How sure a value is: a stronger one is not replaced by a weaker one.
  enum class Strength : std::uint8_t { standard, detected, given };
  struct Value {
    std::string text;
    std::string origin;  ///< "default", "scripts/deploy_platform.sh: FAST_DATA_DIR", "p.toml:3:1".
    Strength strength = Strength::standard;
  };

  /// Every key that has one has its default.
  Profile();

  /// Sets a value unless a stronger one, or an equally strong one, is there. Paths are made plain.
  void set(std::string name, std::string text, std::string origin, Strength strength);
  void set_secret(std::string name, SecretReference reference);

  /// Empty if there is none. `name` is a key.
  const std::string& get(std::string_view name) const;
  /// A value with its origin; null if there is none.
  const Value* find(std::string_view name) const;
  const SecretReference* find_secret(std::string_view name) const;
  const std::map<std::string, Value, std::less<>>& values() const { return values_; }

 private:
  std::map<std::string, Value, std::less<>> values_;
  std::map<std::string, SecretReference, std::less<>> secrets_;
};

/// A path without slashes that say nothing: "/a//b/" -> "/a/b". Another text stays.
std::string plain_path(std::string text);

/// `text` for a POSIX shell: as it is, or in single quotes.
std::string shell_quoted(std::string_view text);

}  // namespace dagfix::runtime

#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/api/changes.hpp"
#include "rules/api/history.hpp"

namespace dagfix {

/// The parameters of a function or constructor in one version.
struct Signature {
  std::vector<std::string_view> positional;  ///< Up to the first star.
  std::vector<std::string_view> all;
  std::vector<std::string_view> required;
  bool has_list = false;         ///< *args
  bool has_rest = false;         ///< **kwargs
  bool is_keyword_only = false;  ///< What is added next.

  void add(std::string_view parameter);
  bool takes(std::string_view name) const;
};

/// Of a function as the history has it: "name(a, b=[1, 2], *c)".
Signature read_signature(std::string_view function);

/// A constructor, of the class or of the base that has one.
struct Constructor {
  std::string_view owner;  ///< Path of the class that has it.
  Signature signature;
  bool passes_rest = false;
  std::vector<std::string_view> given;  ///< Keywords that it gives to the base itself.
  std::string_view base;                ///< The class whose constructor comes next; may be empty.
};

/// The constructors of a class and its bases that a keyword comes to one after the other, as long
/// as none of them takes it.
class ConstructorChain {
 public:
  /// Whether nothing can be known of the calls of the class.
  bool empty() const { return constructors_.empty(); }
  const Constructor& first() const { return *constructors_.front(); }

  /// Who refuses a keyword, and how; nothing if it is taken or if that cannot be known.
  std::optional<ApiLostArgument> refusal(std::string_view keyword) const;
  /// Keywords that can be given to the class; those that only Airflow knows are left out. Some may
  /// be there twice.
  std::vector<std::string_view> keywords() const;
  /// Keywords that come twice if they are given to the class: it, or a base, sets them itself.
  std::vector<std::string_view> given() const;
  /// Parameters that a call has to give, to the class or through it to a base.
  std::vector<std::string_view> required() const;

 private:
  friend class Constructors;
  std::vector<const Constructor*> constructors_;
  std::size_t own_ = 0;  // the first ones, of classes that are not Airflow's
};

/// Constructors of one version, each class read once.
class Constructors {
 public:
  /// `history` has to outlive what it is asked for.
  Constructors(const ApiHistory& history, Version version) : history_(history), version_(version) {}

  const ConstructorChain& chain(std::string_view path);

 private:
  const Constructor* find(std::string_view path);
  std::optional<Constructor> read(std::string_view path) const;

  const ApiHistory& history_;
  Version version_;
  std::map<std::string, std::optional<Constructor>, std::less<>> constructors_;
  std::map<std::string, ConstructorChain, std::less<>> chains_;
};

}  // namespace dagfix

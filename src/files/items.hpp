#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "dagfix/finding.hpp"
#include "files/kind.hpp"

namespace dagfix {

/// A whole value of a file that is not Python: something that a person wrote as one name or text.
/// Only what is surely one is listed; everything else of the file is passed over.
struct Item {
  enum class Role : std::uint8_t {
    key,       ///< Names what follows: a mapping's key, an assigned variable, an instruction.
    value,     ///< A scalar or a string.
    word,      ///< A word of a command.
    name,      ///< An identifier of a script.
    member,    ///< x.member, x["member"]
    variable,  ///< NAME of $NAME or ${NAME}.
  };
  static constexpr std::uint32_t kNone = 0xffffffff;

  Role role = Role::value;
  /// Its content means what it says: no escape, no template, no substitution in it.
  bool is_plain = true;
  char quote = 0;     ///< The quote around it, or 0.
  ByteRange range;    ///< Quotes included.
  ByteRange content;  ///< Without quotes.
  /// What names it: of a value its key, of a key that of the mapping around, of an argument the
  /// function, of a word the command, of a member what it is a member of.
  std::uint32_t parent = kNone;
  std::uint32_t group = 0;  ///< The same for the entries of one mapping.
};

/// The items of a file in the order of their positions, and its comments. What an alias of YAML
/// stands for is listed again where the alias is: `range` is that of the alias, `content` that of
/// what it stands for.
struct FileItems {
  std::vector<Item> items;
  std::vector<ByteRange> comments;
  std::vector<ByteRange> shared;  ///< Contents that an alias uses once more.
};

/// Reads a file of any kind but Python and notebooks. `path` tells Vue from other scripts. Never
/// fails: what cannot be understood has no items.
FileItems items_of(std::string_view text, FileKind kind, std::string_view path);

}  // namespace dagfix

#include "syntax/kinds.hpp"

#include <array>

namespace dagfix {

std::string_view name_of(Kind kind) {
  constexpr std::string_view kNames[] = {
      "", "token", "ERROR",
#define DAGFIX_KIND(name, text) text,
      DAGFIX_NODE_KINDS(DAGFIX_KIND) DAGFIX_TOKEN_KINDS(DAGFIX_KIND)
#undef DAGFIX_KIND
  };
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace dagfix

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lsp/document.hpp"
#include "lsp/fixes.hpp"
#include "lsp/host.hpp"

namespace dagfix::lsp {

/// What the light bulb offers.
struct Action {
  std::string title;
  std::string_view kind;
  bool is_preferred = false;
  std::vector<std::size_t> findings;  ///< That it remedies; indexes into the analysis.
  std::string rule;                   ///< Of the actions that are worked out when they are chosen.
  std::optional<std::uint32_t> fix;   ///< The same of one fix: index into the analysis.
  Change change;                      ///< Neither edits nor a complaint: see change_of().
};

inline constexpr std::string_view kQuickFix = "quickfix";
inline constexpr std::string_view kFixAll = "source.fixAll.dagfix";
inline constexpr std::string_view kFixAllUnsafe = "source.fixAll.dagfix.unsafe";

/// Whether a client that asks for kinds of actions wants this one. Kinds are hierarchical: "source"
/// asks for all that begin with "source.". No kinds ask for all.
bool is_wanted(std::string_view kind, std::span<const std::string> only);

/// The actions for a range of a document. Unsafe fixes of a whole file are offered only to who asks
/// for just them.
std::vector<Action> actions_at(Document& document, const Survey& survey, ByteRange range,
                               std::span<const std::string> only);

/// What an action does that is worked out when it is chosen.
Change change_of(const Document& document, const Survey& survey, const Action& action);

/// The title of the action that makes one fix.
std::string title_of(const Fix& fix);

/// Why a person has to agree to a change; empty: nobody has to.
std::string_view confirmation_for(Safety safety);

}  // namespace dagfix::lsp

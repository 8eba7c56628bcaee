#pragma once

#include <string_view>

#include "files/kind.hpp"
#include "project/project.hpp"

namespace dagfix {

/// Whether a file of this kind and path can have facts that file_facts() reads.
bool may_have_facts(FileKind kind, std::string_view path);

/// The facts that one file contributes which is not Python: the image that a Dockerfile builds,
/// the values that a chart defines.
ProjectFacts file_facts(FileKind kind, std::string_view path, std::string_view text);

}  // namespace dagfix

# Writes OUT: a C++ source with the text of FILES (relative to DIR).
set(table "")
foreach(file IN LISTS FILES)
  file(READ "${DIR}/${file}" text)
  string(APPEND table "    {\"${file}\", R\"dagfix(${text})dagfix\"sv},\n")
endforeach()
list(LENGTH FILES count)
file(WRITE "${OUT}" "#include \"embedded.hpp\"

#include <array>

namespace dagfix {
namespace {

using namespace std::string_view_literals;

constexpr std::array<EmbeddedFile, ${count}> kFiles{{
${table}}};

}  // namespace

std::span<const EmbeddedFile> embedded_files() { return kFiles; }

}  // namespace dagfix
")

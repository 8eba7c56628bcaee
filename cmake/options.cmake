# Compiler flags that dagfix's own code is built with.
add_library(dagfix_options INTERFACE)
target_compile_options(dagfix_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # GCC bug 105651: false warnings about the library's own string concatenation.
  target_compile_options(dagfix_options INTERFACE -Wno-restrict)
elseif(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  # stable_sort of GCC 12's library uses what that library deprecates.
  target_compile_options(dagfix_options INTERFACE -Wno-deprecated-declarations)
endif()
if(DAGFIX_WERROR)
  target_compile_options(dagfix_options INTERFACE -Werror)
endif()
if(DAGFIX_SANITIZE)
  # -g1: stack traces have lines, and objects are smaller.
  add_compile_options(-g1 -fsanitize=${DAGFIX_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DAGFIX_SANITIZE})
endif()

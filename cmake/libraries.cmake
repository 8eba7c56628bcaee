# The libraries that every part of dagfix uses. What Debian has as static library is taken as such, and fmt and toml++
# are made from their headers: each shared library would take some 0.2 ms from every start of dagfix.
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)
find_package(CLI11 REQUIRED)
find_package(fmt REQUIRED)
find_package(tomlplusplus REQUIRED)

# dagfix_library(VARIABLE NAME): libNAME.a if there is one, else the shared library.
function(dagfix_library variable name)
  find_library(${variable} NAMES lib${name}.a ${name} REQUIRED)
endfunction()

# Debian's package of RE2 brings no CMake file, and pkg-config would be one more thing to install.
dagfix_library(DAGFIX_RE2 re2)
dagfix_library(DAGFIX_YAML_CPP yaml-cpp)
dagfix_library(DAGFIX_CRYPTO crypto)

set(DAGFIX_FMT fmt::fmt)
if(fmt_VERSION VERSION_GREATER_EQUAL 9 AND fmt_VERSION VERSION_LESS 10)
  # Which templates the library has to have is a matter of its version.
  add_library(dagfix_fmt STATIC cmake/libraries/fmt.cpp)
  set(DAGFIX_FMT dagfix_fmt)
endif()

add_library(dagfix_toml STATIC cmake/libraries/toml.cpp)
target_compile_definitions(dagfix_toml PUBLIC TOML_HEADER_ONLY=0)
set(DAGFIX_TOML dagfix_toml)

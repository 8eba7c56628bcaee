# tree_sitter: the parser library and the Python grammar as one target.
if(DAGFIX_SYSTEM_TREE_SITTER)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(TREE_SITTER REQUIRED IMPORTED_TARGET tree-sitter>=0.25 tree-sitter-python)
  add_library(tree_sitter ALIAS PkgConfig::TREE_SITTER)
  return()
endif()

set(DAGFIX_NPM_DIR "${PROJECT_SOURCE_DIR}/tools/npm/node_modules" CACHE PATH
  "Folder with the npm packages tree-sitter and tree-sitter-python")
set(core "${DAGFIX_NPM_DIR}/tree-sitter/vendor/tree-sitter/lib")
set(grammar "${DAGFIX_NPM_DIR}/tree-sitter-python/src")
set(sources "${core}/src/lib.c" "${grammar}/parser.c" "${grammar}/scanner.c")
foreach(file IN LISTS sources)
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR "${file} is missing: run tools/setup.sh, or 'npm ci' in tools/npm")
  endif()
endforeach()

add_library(tree_sitter STATIC ${sources})
target_include_directories(tree_sitter SYSTEM
  PUBLIC "${core}/include"
  PRIVATE "${core}/src" "${grammar}")
# The grammar's scanner takes its memory from the parser's functions, as the parser itself.
target_compile_definitions(tree_sitter PRIVATE _DEFAULT_SOURCE TREE_SITTER_REUSE_ALLOCATOR)
set_target_properties(tree_sitter PROPERTIES C_STANDARD 11)
# The parser is most of the run time, in debug builds too; its warnings are not ours.
target_compile_options(tree_sitter PRIVATE -O2 -DNDEBUG -w)
# A scanner's functions are called through pointers of a more general type; the ABI allows it.
target_compile_options(tree_sitter PRIVATE $<$<C_COMPILER_ID:Clang>:-fno-sanitize=function>)

# Some files of src/syntax use the structures of the release that is pinned, and of no other.
file(READ "${DAGFIX_NPM_DIR}/tree-sitter/package.json" package)
string(JSON compiled_version GET "${package}" version)
file(READ "${PROJECT_SOURCE_DIR}/tools/npm/package.json" package)
string(JSON pinned_version GET "${package}" dependencies tree-sitter)
if(compiled_version STREQUAL pinned_version)
  target_compile_definitions(tree_sitter PUBLIC DAGFIX_PINNED_TREE_SITTER)
  set(DAGFIX_TREE_SITTER_INNER "${core}/src")
  target_sources(tree_sitter PRIVATE "${PROJECT_SOURCE_DIR}/src/syntax/lean_grammar.c")
  target_include_directories(tree_sitter PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_compile_definitions(tree_sitter PRIVATE 
    DAGFIX_GRAMMAR_SOURCE="${grammar}/parser.c" DAGFIX_SCANNER_SOURCE="${grammar}/scanner.c")
endif()

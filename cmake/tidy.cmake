# Target tidy: clang-tidy on all of dagfix's own sources, in parallel, without building them.
find_program(RUN_CLANG_TIDY run-clang-tidy-19)
if(RUN_CLANG_TIDY)
  string(REGEX REPLACE "([][+.*()^$?|{}\\])" "\\\\\\1" root "${PROJECT_SOURCE_DIR}")
  add_custom_target(tidy
    COMMAND "${RUN_CLANG_TIDY}" -quiet -p "${PROJECT_BINARY_DIR}" "^${root}/(src|tests|bench)/"
    USES_TERMINAL VERBATIM)
endif()

# dagfix_embed(TARGET DIR): a library with all .json and .tsv files below DIR as strings.
# #include "embedded.hpp": dagfix::embedded_files() -> sorted {path relative to DIR, text}.
set(DAGFIX_EMBED_DIR ${CMAKE_CURRENT_LIST_DIR})

function(dagfix_embed target dir)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${dir}" "${dir}/*.json" "${dir}/*.tsv")
  list(SORT files)
  list(TRANSFORM files PREPEND "${dir}/" OUTPUT_VARIABLE inputs)
  set(out "${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp")
  set(script "${DAGFIX_EMBED_DIR}/embed_script.cmake")
  add_custom_command(OUTPUT "${out}"
    COMMAND ${CMAKE_COMMAND} "-DDIR=${dir}" "-DFILES=${files}" "-DOUT=${out}" -P "${script}"
    DEPENDS ${inputs} "${script}"
    COMMENT "Embedding ${dir}"
    VERBATIM)
  add_library(${target} STATIC "${out}")
  target_include_directories(${target} PUBLIC "${DAGFIX_EMBED_DIR}/include")
endfunction()

# Installs the executables, the licence and the completions that dagfix prints.
include(GNUInstallDirs)

install(TARGETS dagfix)
if(TARGET dagfix_doctor)
  install(TARGETS dagfix_doctor)
endif()
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

function(install_completion shell name folder)
  set(out "${PROJECT_BINARY_DIR}/completions/${name}")
  add_custom_command(OUTPUT "${out}"
    COMMAND ${CMAKE_COMMAND} -E make_directory "${PROJECT_BINARY_DIR}/completions"
    COMMAND dagfix completion ${shell} > "${out}"
    DEPENDS dagfix VERBATIM)
  add_custom_target(completion_${shell} ALL DEPENDS "${out}")
  install(FILES "${out}" DESTINATION "${CMAKE_INSTALL_DATADIR}/${folder}")
endfunction()

install_completion(bash dagfix bash-completion/completions)
install_completion(zsh _dagfix zsh/site-functions)
install_completion(fish dagfix.fish fish/vendor_completions.d)

# Installs the executable and its licence.
include(GNUInstallDirs)

install(TARGETS dagfix)
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

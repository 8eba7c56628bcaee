# The libraries that probes of `dagfix doctor` need. One that is missing, or that has no static form
# when everything is linked statically, is no error: a source that says so takes its place.
#
# dagfix_probes: the probes with their libraries. They bring some forty others with them, which take
# longer to load than many a check takes: only the program dagfix-doctor has them.
# dagfix_no_probes: sources that say so for all of them.
foreach(library IN ITEMS dagfix_probes dagfix_no_probes)
  add_library(${library} OBJECT)
  target_link_libraries(${library} PUBLIC dagfix_runtime PRIVATE dagfix_options)
endforeach()

# dagfix_probe(NAME LIBRARY HEADER SOURCE MISSING): SOURCE with the library, or else MISSING;
# -DDAGFIX_WITH_<NAME>=OFF leaves a library out that is there.
function(dagfix_probe name library header source missing)
  option(DAGFIX_WITH_${name} "Build the probes of dagfix doctor that need ${library}" ON)
  if(DAGFIX_WITH_${name} AND NOT DAGFIX_STATIC)
    find_library(DAGFIX_${name}_LIBRARY ${library})
    find_path(DAGFIX_${name}_INCLUDE ${header} PATH_SUFFIXES postgresql)
  endif()
  target_sources(dagfix_no_probes PRIVATE src/runtime/collect/${missing})
  if(DAGFIX_WITH_${name} AND DAGFIX_${name}_LIBRARY AND DAGFIX_${name}_INCLUDE)
    target_sources(dagfix_probes PRIVATE src/runtime/collect/${source})
    target_include_directories(dagfix_probes SYSTEM PRIVATE "${DAGFIX_${name}_INCLUDE}")
    target_link_libraries(dagfix_probes PUBLIC "${DAGFIX_${name}_LIBRARY}")
  else()
    message(STATUS "dagfix doctor is built without ${library}: its probes will say so")
    target_sources(dagfix_probes PRIVATE src/runtime/collect/${missing})
  endif()
endfunction()

dagfix_probe(CURL curl curl/curl.h http_curl.cpp http_missing.cpp)
dagfix_probe(YAML yaml-cpp yaml-cpp/yaml.h kubeconfig_yaml.cpp kubeconfig_missing.cpp)
dagfix_probe(PUGIXML pugixml pugixml.hpp s3_listing_pugixml.cpp s3_listing_missing.cpp)
dagfix_probe(LIBPQ pq libpq-fe.h sql_libpq.cpp sql_missing.cpp)
dagfix_probe(LDAP ldap ldap.h ldap_libldap.cpp ldap_missing.cpp)
dagfix_probe(SYSTEMD systemd systemd/sd-bus.h units_systemd.cpp units_missing.cpp)
find_library(DAGFIX_LBER lber)
if(DAGFIX_WITH_LDAP AND DAGFIX_LDAP_LIBRARY AND DAGFIX_LBER)
  target_link_libraries(dagfix_probes PUBLIC "${DAGFIX_LBER}")
endif()

# Packages, of what install.cmake installs: for Debian one of each part, and an archive with everything.
#   cpack --config build/release/CPackConfig.cmake -B build/packages
set(CPACK_PACKAGE_VENDOR "The Spate authors")
if(NOT CPACK_PACKAGE_CONTACT)  # -DCPACK_PACKAGE_CONTACT=… for packages that you hand on
  set(CPACK_PACKAGE_CONTACT "The Spate authors <authors@spate.invalid>")
endif()
set(CPACK_PACKAGE_FILE_NAME spate-${PROJECT_VERSION}-${CMAKE_SYSTEM_NAME}-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each part has its own
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR TGZ)
find_program(SPATE_SHLIBDEPS dpkg-shlibdeps)
mark_as_advanced(SPATE_SHLIBDEPS)
if(SPATE_SHLIBDEPS)
  list(APPEND CPACK_GENERATOR DEB)
endif()
set(CPACK_SOURCE_GENERATOR TGZ)
string(REGEX REPLACE "[^A-Za-z0-9/_-]" "." here ${PROJECT_SOURCE_DIR})  # as a regular expression
set(CPACK_SOURCE_IGNORE_FILES "/\\\\.git(/|$);^${here}/build/;^${here}/results/;/__pycache__/")

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# For that script: what else is compiled into what.
if(spate_chart_js)
  set(CPACK_SPATE_CHART_LICENSE ${PROJECT_SOURCE_DIR}/compare/html/chart_license.txt)
endif()
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/ci/cmake/debian_documents.cmake)

# spate_debian_package(<part> <name> <section> <description> [<dependency>…])
function(spate_debian_package part name section description)
  string(TOUPPER spate_${part} component)
  list(APPEND CPACK_COMPONENTS_ALL spate_${part})
  list(JOIN ARGN ", " depends)
  set(CPACK_COMPONENTS_ALL ${CPACK_COMPONENTS_ALL} PARENT_SCOPE)
  set(CPACK_DEBIAN_${component}_PACKAGE_NAME ${name} PARENT_SCOPE)
  set(CPACK_DEBIAN_${component}_PACKAGE_SECTION ${section} PARENT_SCOPE)
  set(CPACK_DEBIAN_${component}_PACKAGE_DEPENDS ${depends} PARENT_SCOPE)
  set(CPACK_DEBIAN_${component}_DESCRIPTION "${description}
Simulated agents send messages on a schedule through a mock or a real queue,
and every message is accounted for." PARENT_SCOPE)
endfunction()

set(CPACK_COMPONENTS_ALL)
set(same "(= ${PROJECT_VERSION})")
spate_debian_package(programs spate devel ${PROJECT_DESCRIPTION})
set(CPACK_DEBIAN_SPATE_PROGRAMS_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_SPATE_PROGRAMS_PACKAGE_SUGGESTS "redis-server, nats-server, rabbitmq-server")  # --start-brokers
if(NOT downloaded)
  spate_debian_package(core libspate-dev libdevel "Mock and stress runs of message delivery, for your own tests"
    ${spate_core_debian_packages} libconcurrentqueue-dev)
  if(TARGET spate_drivers)
    spate_debian_package(drivers libspate-drivers-dev libdevel "Message delivery over brokers, for libspate-dev"
      "libspate-dev ${same}" pkg-config ${spate_drivers_debian_packages})
  endif()
  if(TARGET spate_bench_core)
    spate_debian_package(bench libspate-bench-dev libdevel "Benchmark programs of Spate, for a queue of your own"
      "libspate-drivers-dev ${same}" ${spate_bench_debian_packages})
  endif()
endif()
include(CPack)

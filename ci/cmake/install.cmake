# What `cmake --install` puts where, and the CMake package and the pkg-config files that lead to it. A new library,
# program or document is a line at the end; a new dependency of a library is one in spate_foreign_names.
#
# A part is an install component, a package of Debian's (package.cmake) and, but for the programs, a component of
# find_package and a file of pkg-config's: core is spate::spate; drivers stand on it, bench on these.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(spate_cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/spate)
set(spate_pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
set(spate_documents ${CMAKE_INSTALL_DATAROOTDIR}/doc/spate)
# From the prefix, which may be chosen and moved later.
file(RELATIVE_PATH spate_libdir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH spate_includedir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
file(RELATIVE_PATH spate_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" spate_to_prefix ${spate_to_prefix})
# What only compiles our own sources: who links to them has no use for it.
set(only_to_compile "spate_compile_options|nlohmann_json::nlohmann_json|CLI11::CLI11")

# spate_foreign_names(<CMake package, or module of pkg-config> <variable> <variable>): how pkg-config and Debian call it.
function(spate_foreign_names package pkgconfig_name debian_name)
  set(Threads "" "")  # comes with the compiler
  set(ZLIB zlib zlib1g-dev)
  set(fmt fmt libfmt-dev)
  set(benchmark benchmark libbenchmark-dev)
  set(OpenSSL openssl libssl-dev)
  set(TBB tbb libtbb-dev)
  set(hiredis hiredis libhiredis-dev)
  set(libnats libnats libnats-dev)
  set(librabbitmq librabbitmq librabbitmq-dev)
  set(rdkafka rdkafka librdkafka-dev)
  if(NOT DEFINED ${package})
    message(FATAL_ERROR "ci/cmake/install.cmake: a library needs ${package}; say in spate_foreign_names how "
      "pkg-config and Debian call it")
  endif()
  list(GET ${package} 0 name)
  set(${pkgconfig_name} ${name} PARENT_SCOPE)
  list(GET ${package} 1 name)
  set(${debian_name} ${name} PARENT_SCOPE)
endfunction()

# spate_only_in_the_build(<target> <property> <regex>): entries that match hold no longer once it is installed.
function(spate_only_in_the_build target property regex)
  get_target_property(entries ${target} ${property})
  if(entries)
    list(TRANSFORM entries REPLACE "^(${regex})$" "$<BUILD_INTERFACE:\\1>")
    set_property(TARGET ${target} PROPERTY ${property} "${entries}")
  endif()
endfunction()

# spate_install_headers(<part> <target>): those in our folders named include.
function(spate_install_headers part target)
  get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
  foreach(folder ${folders})
    cmake_path(IS_PREFIX PROJECT_SOURCE_DIR ${folder} in_source)
    cmake_path(IS_PREFIX PROJECT_BINARY_DIR ${folder} in_build)
    if((in_source OR in_build) AND folder MATCHES "/include$")
      install(DIRECTORY ${folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT spate_${part}
        FILES_MATCHING PATTERN *.h)
    endif()
  endforeach()
  spate_only_in_the_build(${target} INTERFACE_INCLUDE_DIRECTORIES ".+")
  spate_only_in_the_build(${target} INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ".+")
endfunction()

# spate_install_library(<part> <target> <name>): as spate::<name>, with its headers.
function(spate_install_library part target name)
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  spate_install_headers(${part} ${target})
  spate_only_in_the_build(${target} INTERFACE_LINK_LIBRARIES "\\$<LINK_ONLY:(${only_to_compile})>|${only_to_compile}")
  install(TARGETS ${target} EXPORT spate_${part}
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT spate_${part}
    INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endfunction()

# spate_note_dependencies(<target>): adds to the caller's lists. What stands before the colons is the package's name, by
# convention; of pkg-config's modules it stands behind them.
macro(spate_note_dependencies target)
  get_target_property(entries ${target} INTERFACE_LINK_LIBRARIES)
  foreach(entry ${entries})
    string(REGEX REPLACE "^\\$<LINK_ONLY:(.*)>$" "\\1" entry "${entry}")
    if(NOT entry MATCHES "^spate" AND entry MATCHES "^(PkgConfig::)?([A-Za-z0-9_]+)(::.*)?$")
      if(CMAKE_MATCH_1)
        list(APPEND modules ${CMAKE_MATCH_2})
      else()
        list(APPEND packages ${CMAKE_MATCH_2})
      endif()
      spate_foreign_names(${CMAKE_MATCH_2} pkgconfig_name debian_name)
      list(APPEND requires ${pkgconfig_name})
      list(APPEND debian_packages ${debian_name})
    endif()
  endforeach()
  list(REMOVE_DUPLICATES packages)
  list(REMOVE_DUPLICATES modules)
  list(REMOVE_DUPLICATES requires)
  list(REMOVE_DUPLICATES debian_packages)
endmacro()

# spate_pkgconfig_name(<part> <variable>)
function(spate_pkgconfig_name part variable)
  string(REGEX REPLACE "^spate-core$" "spate" name spate-${part})
  set(${variable} ${name} PARENT_SCOPE)
endfunction()

# spate_install_made(<part> <template> <file> <folder>): what CMake makes of the template beside this file.
macro(spate_install_made part template file folder)
  configure_file(ci/cmake/${template} ${file} @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${file} DESTINATION ${folder} COMPONENT spate_${part})
endmacro()

# spate_install_part(<part> <the part it stands on> [<target> <name>]…): libraries, each before those that it uses.
# Leaves in spate_<part>_debian_packages what must be there to use them.
function(spate_install_part part base)
  set(requires)
  if(base)
    spate_pkgconfig_name(${base} requires)
  endif()
  set(archives)
  while(ARGN)
    list(POP_FRONT ARGN target name)
    spate_install_library(${part} ${target} ${name})
    spate_note_dependencies(${target})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL STATIC_LIBRARY)
      string(REGEX REPLACE "^spate_spate$" "spate" archive spate_${name})
      set_target_properties(${target} PROPERTIES OUTPUT_NAME ${archive})
      if(NOT name MATCHES "_main$")  # a program has one main, and may have its own
        list(APPEND archives -l${archive})
      endif()
    endif()
  endwhile()
  install(EXPORT spate_${part} FILE spate-${part}-targets.cmake NAMESPACE spate::
    DESTINATION ${spate_cmake_folder} COMPONENT spate_${part})
  spate_install_made(${part} spate-part.cmake.in spate-${part}.cmake ${spate_cmake_folder})
  set(cflags -I\${includedir} -pthread)
  if(part STREQUAL core AND NOT SPATE_CONCURRENTQUEUE_DIR IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)
    list(APPEND cflags -isystem ${SPATE_CONCURRENTQUEUE_DIR})
  endif()
  list(JOIN requires ", " requires)
  list(JOIN archives " " archives)
  list(JOIN cflags " " cflags)
  spate_pkgconfig_name(${part} module)
  spate_install_made(${part} spate.pc.in ${module}.pc ${spate_pkgconfig_folder})
  set(spate_${part}_debian_packages ${debian_packages} PARENT_SCOPE)
endfunction()

# Nobody would find again what was downloaded, on which the libraries stand. The programs have it inside.
get_property(downloaded GLOBAL PROPERTY SPATE_DOWNLOADED)
if(downloaded)
  list(JOIN downloaded ", " downloaded)
  message(STATUS "Only the programs can be installed, not the libraries: what they stand on was downloaded (${downloaded}). "
    "For those: install it, and configure a new build folder")
else()
  spate_install_part(core "" spate spate spate_concurrentqueue concurrentqueue)
  install(FILES ci/cmake/concurrentqueue.cmake DESTINATION ${spate_cmake_folder} COMPONENT spate_core)
  install(FILES ci/cmake/spate-config.cmake DESTINATION ${spate_cmake_folder} COMPONENT spate_core)
  # While the first number is 0, the second one says that something has to be changed.
  write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/spate-config-version.cmake
    COMPATIBILITY SameMinorVersion)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/spate-config-version.cmake
    DESTINATION ${spate_cmake_folder} COMPONENT spate_core)
  install(DIRECTORY lib/examples DESTINATION ${spate_documents}/lib COMPONENT spate_core)
  if(TARGET spate_drivers)
    spate_install_part(drivers core spate_drivers drivers spate_proxy_lib proxy)
  endif()
  if(TARGET spate_bench_core)
    spate_install_part(bench drivers
      spate_bench_main bench_main spate_conformance_main conformance_main spate_stress_main stress_main
      spate_bench_core bench spate_queues queues spate_compare_core compare_core)
    install(DIRECTORY bench/examples DESTINATION ${spate_documents}/bench COMPONENT spate_bench)
  endif()
endif()

foreach(program spate_bench spate_stress spate_conformance spate_compare spate_brokers spate_proxy)
  if(TARGET ${program})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT spate_programs)
  endif()
endforeach()
# Where their links to each other hold.
install(FILES README.md CHANGELOG.md LICENSE DESTINATION ${spate_documents} COMPONENT spate_programs)
foreach(folder lib lib/drivers bench bench/micro compare ci)
  install(FILES ${folder}/README.md DESTINATION ${spate_documents}/${folder} COMPONENT spate_programs)
endforeach()
install(FILES bench/result_file.md DESTINATION ${spate_documents}/bench COMPONENT spate_programs)
foreach(folder bench compare)
  install(DIRECTORY ${folder}/pictures DESTINATION ${spate_documents}/${folder} COMPONENT spate_programs)
endforeach()

if(PROJECT_IS_TOP_LEVEL)
  include(ci/cmake/package.cmake)
endif()

# Run by CPack between installing and packing, for each format: what Debian's policy wants of each package beside what is
# installed. Nothing in it may depend on when it runs.
cmake_minimum_required(VERSION 3.21)
if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()

# The licence in the form that Debian's tools read.
file(STRINGS ${CPACK_RESOURCE_FILE_LICENSE} lines)
list(FILTER lines INCLUDE REGEX "^Copyright")
list(GET lines 0 holder)
string(REGEX REPLACE "^Copyright \\(c\\) " "" holder ${holder})
file(READ ${CPACK_RESOURCE_FILE_LICENSE} licence)
string(REGEX REPLACE "^.*Copyright[^\n]*\n+" "" licence "${licence}")
string(REGEX REPLACE "\n\n" "\n.\n" licence "${licence}")
string(STRIP "${licence}" licence)
string(REPLACE "\n" "\n " licence "${licence}")
# In the library are headers of one other project, in what stands above it of more.
set(others_core "moodycamel::ConcurrentQueue (libconcurrentqueue-dev)")
set(others_drivers "${others_core}")
set(others_programs "${others_core},
 nlohmann_json (nlohmann-json3-dev), CLI11 (libcli11-dev) and, where this build has their modes, Boost.Lockfree
 (libboost-dev), oneTBB (libtbb-dev) and atomic_queue (libatomic-queue-dev)")
set(others_bench "${others_programs}")

set(chart_holders)
set(chart_files)
if(CPACK_SPATE_CHART_LICENSE)
  file(STRINGS ${CPACK_SPATE_CHART_LICENSE} chart_holders REGEX "\\(c\\)")
  list(JOIN chart_holders "\n " chart_holders)
  set(chart_files "
Files: chart.min.js
Comment: Embedded, for the charts of HTML reports.
Copyright: ${chart_holders}
License: Expat
")
endif()

# spate_copyright(<part> <variable>)
function(spate_copyright part variable)
  if(NOT part MATCHES "^(programs|bench)$")
    set(chart_files)
  endif()
  set(${variable}
"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: spate
Comment: Compiled into it are headers of others, whose licences are in their packages: ${others_${part}}.

Files: *
Copyright: ${holder}
License: Expat
${chart_files}
License: Expat
 ${licence}
" PARENT_SCOPE)
endfunction()

# The newest entry's heading says which version and when; the changes themselves are in CHANGELOG.md.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/../../CHANGELOG.md heading REGEX "^## \\[[0-9]" LIMIT_COUNT 1)
string(REGEX MATCH "[0-9]+-[0-9]+-[0-9]+$" day "${heading}")
execute_process(COMMAND env LC_ALL=C date --utc --rfc-email --date=${day} OUTPUT_VARIABLE day OUTPUT_STRIP_TRAILING_WHITESPACE
  COMMAND_ERROR_IS_FATAL ANY)

foreach(component ${CPACK_COMPONENTS_ALL})
  set(root ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr)
  string(TOUPPER ${component} upper)
  set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  set(documents ${root}/share/doc/${package})
  string(REGEX REPLACE "^spate_" "" part ${component})
  spate_copyright(${part} copyright)
  file(WRITE ${documents}/copyright "${copyright}")
  file(WRITE ${documents}/changelog
"${package} (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * See CHANGELOG.md in the package spate.

 -- ${CPACK_PACKAGE_CONTACT}  ${day}
")
  file(REMOVE ${documents}/LICENSE)  # it is in copyright
  file(GLOB_RECURSE to_compress ${documents}/changelog ${root}/share/man/*)
  file(GLOB archives ${root}/lib/*.a)
  execute_process(COMMAND gzip --best --no-name ${to_compress} COMMAND_ERROR_IS_FATAL ANY)
  if(archives)
    execute_process(COMMAND strip --strip-debug --enable-deterministic-archives ${archives} COMMAND_ERROR_IS_FATAL ANY)
  endif()
endforeach()

# find_package(spate CONFIG) gives spate::spate. COMPONENTS drivers adds spate::drivers and spate::proxy, and COMPONENTS bench
# spate::bench, and spate::bench_main, spate::stress_main and spate::conformance_main.
include(CMakeFindDependencyMacro)

set(_spate_required ${spate_FIND_REQUIRED})
foreach(_spate_part core ${spate_FIND_COMPONENTS})
  if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/spate-${_spate_part}.cmake)
    if(NOT _spate_part STREQUAL "core" AND NOT spate_FIND_REQUIRED_${_spate_part})
      set(spate_FIND_REQUIRED FALSE)  # find_dependency would stop at what only this part needs
    endif()
    include(${CMAKE_CURRENT_LIST_DIR}/spate-${_spate_part}.cmake)
    set(spate_FIND_REQUIRED ${_spate_required})
    if(NOT DEFINED spate_FOUND OR spate_FOUND)
      set(spate_${_spate_part}_FOUND TRUE)
    elseif(_spate_part STREQUAL "core" OR spate_FIND_REQUIRED_${_spate_part})
      return()  # the reason is told already
    else()
      set(spate_${_spate_part}_FOUND FALSE)
      unset(spate_FOUND)
      unset(spate_NOT_FOUND_MESSAGE)
    endif()
  else()
    set(spate_${_spate_part}_FOUND FALSE)
    if(spate_FIND_REQUIRED_${_spate_part})
      set(spate_FOUND FALSE)
      set(spate_NOT_FOUND_MESSAGE
        "this Spate has no component '${_spate_part}'. There are core, drivers and bench, where they were built and installed.")
      return()
    endif()
  endif()
endforeach()

include(${CMAKE_CURRENT_LIST_DIR}/concurrentqueue.cmake)
if(NOT SPATE_CONCURRENTQUEUE_DIR)
  set(spate_FOUND FALSE)
  string(CONCAT spate_NOT_FOUND_MESSAGE "concurrentqueue.h was not found. On Debian and Ubuntu: apt-get install "
    "libconcurrentqueue-dev. Elsewhere: where it stands in a place of its own, name that place in CMAKE_PREFIX_PATH.")
  return()
endif()
set_target_properties(spate::concurrentqueue PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES ${SPATE_CONCURRENTQUEUE_DIR}
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${SPATE_CONCURRENTQUEUE_DIR})

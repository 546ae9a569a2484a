# find_package(spate CONFIG) gives spate::spate. COMPONENTS drivers adds spate::drivers and spate::proxy, and COMPONENTS bench
# spate::bench, spate::bench_main and spate::stress_main.
include(CMakeFindDependencyMacro)

set(_spate_parts core ${spate_FIND_COMPONENTS})
if("bench" IN_LIST _spate_parts)
  list(INSERT _spate_parts 1 drivers)
endif()
list(REMOVE_DUPLICATES _spate_parts)

foreach(_spate_part ${_spate_parts})
  if(NOT EXISTS ${CMAKE_CURRENT_LIST_DIR}/spate-${_spate_part}.cmake)
    set(spate_${_spate_part}_FOUND FALSE)
    if(NOT _spate_part IN_LIST spate_FIND_COMPONENTS OR spate_FIND_REQUIRED_${_spate_part})
      set(spate_FOUND FALSE)
      set(spate_NOT_FOUND_MESSAGE
        "this Spate has no component '${_spate_part}'. There are core, drivers and bench, where they were built and installed")
      return()
    endif()
    continue()
  endif()
  include(${CMAKE_CURRENT_LIST_DIR}/spate-${_spate_part}.cmake)
  if(DEFINED spate_FOUND AND NOT spate_FOUND)
    return()  # the reason is told already
  endif()
  set(spate_${_spate_part}_FOUND TRUE)
endforeach()

include(${CMAKE_CURRENT_LIST_DIR}/concurrentqueue.cmake)
if(NOT SPATE_CONCURRENTQUEUE_DIR)
  set(spate_FOUND FALSE)
  set(spate_NOT_FOUND_MESSAGE "concurrentqueue.h was not found (on Debian and Ubuntu: libconcurrentqueue-dev). Where it "
    "stands in a place of its own, name that place in CMAKE_PREFIX_PATH")
  return()
endif()
set_target_properties(spate::concurrentqueue PROPERTIES
  INTERFACE_INCLUDE_DIRECTORIES ${SPATE_CONCURRENTQUEUE_DIR}
  INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${SPATE_CONCURRENTQUEUE_DIR})

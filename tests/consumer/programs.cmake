# What each project here builds of Spate's targets, however it came to them. Variables:
#   SPATE_EXAMPLES  the folder of bench/examples, built or installed; unset: the library's user only
add_executable(library_user ${CMAKE_CURRENT_LIST_DIR}/library_user.cc)
target_link_libraries(library_user PRIVATE spate::spate)

if(SPATE_EXAMPLES)
  foreach(program bench conformance stress)
    add_executable(own_${program} ${SPATE_EXAMPLES}/own_queue.cc)
    target_link_libraries(own_${program} PRIVATE spate::${program}_main)
  endforeach()
endif()

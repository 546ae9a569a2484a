# What Spate stands on, and why. A target that a surrounding project has already defined is taken as
# it is; else the package is looked up on the system (CMAKE_PREFIX_PATH counts), and one that is not
# there stops the configuration with the name of the package to install. `ci/deps test` installs all.

# spate_dependency(<package> <Debian package> <target>…): the targets exist afterwards.
function(spate_dependency package apt)
  foreach(target IN LISTS ARGN)
    if(NOT TARGET ${target})
      find_package(${package} QUIET)
    endif()
    if(NOT TARGET ${target})
      message(FATAL_ERROR
        "${package} was not found (wanted: the CMake target ${target}).\n"
        "On Debian and Ubuntu: apt-get install ${apt}. Elsewhere: install it and, where it stands in a "
        "place of its own, name that place in CMAKE_PREFIX_PATH.")
    endif()
  endforeach()
endfunction()

# moodycamel's header has no CMake package on Debian; the header's own folder is what users include from.
function(spate_find_concurrentqueue)
  if(TARGET spate_concurrentqueue)
    return()
  endif()
  find_path(SPATE_CONCURRENTQUEUE_DIR concurrentqueue.h PATH_SUFFIXES concurrentqueue moodycamel)
  if(NOT SPATE_CONCURRENTQUEUE_DIR)
    message(FATAL_ERROR
      "concurrentqueue.h was not found.\n"
      "On Debian and Ubuntu: apt-get install libconcurrentqueue-dev. Elsewhere: name its folder in "
      "SPATE_CONCURRENTQUEUE_DIR.")
  endif()
  add_library(spate_concurrentqueue INTERFACE)
  target_include_directories(spate_concurrentqueue SYSTEM INTERFACE ${SPATE_CONCURRENTQUEUE_DIR})
  # g++ 12 takes the header's cast from a producer to its own type for an access out of bounds.
  target_compile_options(spate_concurrentqueue INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>)
endfunction()

find_package(Threads REQUIRED)
# zlib: HdrHistogram's exchange format is zlib-compressed.
spate_dependency(ZLIB zlib1g-dev ZLIB::ZLIB)
# moodycamel::ConcurrentQueue: the embedded real queue, and the reference that it is measured against.
spate_find_concurrentqueue()
# fmt: text for people; std::format is not in g++ 12.
spate_dependency(fmt libfmt-dev fmt::fmt)
# nlohmann_json: the result files, written and read.
spate_dependency(nlohmann_json nlohmann-json3-dev nlohmann_json::nlohmann_json)
# CLI11: command lines with checked values and --help.
spate_dependency(CLI11 libcli11-dev CLI11::CLI11)
if(SPATE_BUILD_BENCH)
  # Google Benchmark: registration, iteration counts, timing, repetition.
  spate_dependency(benchmark libbenchmark-dev benchmark::benchmark)
endif()
if(SPATE_BUILD_TESTS)
  # GoogleTest: the tests.
  spate_dependency(GTest "libgtest-dev libgmock-dev" GTest::gtest_main GTest::gmock)
endif()

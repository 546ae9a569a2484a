# What Spate stands on, and why. A target that a surrounding project has already defined is taken as
# it is; else the package is looked up on the system (CMAKE_PREFIX_PATH counts); else its release is
# downloaded, checked against the hash here and built along. `ci/deps test` installs all with apt.
option(SPATE_FETCH_DEPENDENCIES "Download what is not installed; OFF: stop and name what to install" ON)

if(POLICY CMP0135)
  cmake_policy(SET CMP0135 NEW)  # unpacked files are as old as the unpacking: a new pin rebuilds
endif()

set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)  # options set here hold in what is fetched, however old
set(CMAKE_POLICY_VERSION_MINIMUM 3.5)  # CMake 4 would refuse what was written for older ones

# Says what is missing; stops where it may not be downloaded.
function(spate_missing what apt)
  if(NOT SPATE_FETCH_DEPENDENCIES)
    message(FATAL_ERROR
      "${what} was not found, and SPATE_FETCH_DEPENDENCIES is OFF.\n"
      "On Debian and Ubuntu: apt-get install ${apt}. Elsewhere: install it and, where it stands in a "
      "place of its own, name that place in CMAKE_PREFIX_PATH.")
  endif()
  message(STATUS "${what} is not installed (on Debian: ${apt}); downloading it")
endfunction()

# spate_fetch(<name> <url> <SHA-256>): a release of that project, as a part of this build.
macro(spate_fetch name url sha256)
  include(FetchContent)
  FetchContent_Declare(${name} URL ${url} URL_HASH SHA256=${sha256} ${ARGN})
  FetchContent_MakeAvailable(${name})
  set_property(GLOBAL APPEND PROPERTY SPATE_DOWNLOADED ${name})  # install.cmake asks
endmacro()

# Our warnings are not for the headers of others.
function(spate_headers_are_foreign target)
  get_target_property(real_target ${target} ALIASED_TARGET)
  get_target_property(folders ${real_target} INTERFACE_INCLUDE_DIRECTORIES)
  set_property(TARGET ${real_target} PROPERTY INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${folders})
endfunction()

# spate_dependency(<package> <Debian package> <url> <SHA-256> <target>…): the targets exist afterwards.
# A macro, so that options set around it reach the project that is fetched.
macro(spate_dependency package apt url sha256)
  foreach(target ${ARGN})
    if(NOT TARGET ${target})
      find_package(${package} QUIET)
    endif()
    if(NOT TARGET ${target})
      spate_missing(${package} "${apt}")
      string(TOLOWER ${package} fetched_name)
      spate_fetch(${fetched_name} ${url} ${sha256})
      foreach(fetched_target ${ARGN})
        spate_headers_are_foreign(${fetched_target})
      endforeach()
    endif()
  endforeach()
endmacro()

# zlib's own build has no target of the name that CMake's module gives it.
macro(spate_find_zlib)
  if(NOT TARGET ZLIB::ZLIB)
    find_package(ZLIB QUIET)
  endif()
  if(NOT TARGET ZLIB::ZLIB)
    spate_missing(zlib zlib1g-dev)
    set(SKIP_INSTALL_ALL ON)
    spate_fetch(zlib https://github.com/madler/zlib/releases/download/v1.2.13/zlib-1.2.13.tar.gz
      b3a24de97a8fdbc835b9833169501030b8977031bcb54b3b3ac13740f846ab30)
    target_include_directories(zlibstatic SYSTEM INTERFACE ${zlib_SOURCE_DIR} ${zlib_BINARY_DIR})
    add_library(ZLIB::ZLIB ALIAS zlibstatic)
  endif()
endmacro()

macro(spate_find_concurrentqueue)
  if(NOT TARGET spate_concurrentqueue)
    include(${PROJECT_SOURCE_DIR}/ci/cmake/concurrentqueue.cmake)
    set(concurrentqueue_folder ${SPATE_CONCURRENTQUEUE_DIR})
    if(NOT SPATE_CONCURRENTQUEUE_DIR)
      spate_missing(concurrentqueue.h libconcurrentqueue-dev)
      spate_fetch(concurrentqueue
        https://github.com/cameron314/concurrentqueue/archive/refs/tags/v1.0.3.tar.gz
        eb37336bf9ae59aca7b954db3350d9b30d1cab24b96c7676f36040aa76e915e8
        SOURCE_SUBDIR nothing-to-build)
      set(concurrentqueue_folder ${concurrentqueue_SOURCE_DIR})
    endif()
    add_library(spate_concurrentqueue INTERFACE)
    target_include_directories(spate_concurrentqueue SYSTEM INTERFACE ${concurrentqueue_folder})
  endif()
endmacro()

find_package(Threads REQUIRED)
# zlib: HdrHistogram's exchange format is zlib-compressed.
spate_find_zlib()
# moodycamel::ConcurrentQueue: the embedded real queue, and the reference that it is measured against.
spate_find_concurrentqueue()
# fmt: text for people; std::format is not in g++ 12.
spate_dependency(fmt libfmt-dev
  https://github.com/fmtlib/fmt/archive/refs/tags/9.1.0.tar.gz
  5dea48d1fcddc3ec571ce2058e13910a0d4a6bab4cc09a809d8b1dd1c88ae6f2
  fmt::fmt)
if(SPATE_BUILD_BENCH OR SPATE_BUILD_COMPARE)
  # nlohmann_json: the result files, written and read.
  spate_dependency(nlohmann_json nlohmann-json3-dev
    https://github.com/nlohmann/json/archive/refs/tags/v3.11.2.tar.gz
    d69f9deb6a75e2580465c6c4c5111b89c4dc2fa94e3a85fcd2ffcd9a143d9273
    nlohmann_json::nlohmann_json)
  # CLI11: command lines with checked values and --help.
  set(CLI11_INSTALL OFF)
  spate_dependency(CLI11 libcli11-dev
    https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.1.2.tar.gz
    26291377e892ba0e5b4972cdfd4a2ab3bf53af8dac1f4ea8fe0d1376b625c8cb
    CLI11::CLI11)
  include(${CMAKE_CURRENT_LIST_DIR}/chart_js.cmake)
endif()
if(SPATE_BUILD_BENCH)
  # Google Benchmark: registration, iteration counts, timing, repetition.
  set(BENCHMARK_ENABLE_TESTING OFF)
  set(BENCHMARK_ENABLE_INSTALL OFF)
  set(BENCHMARK_ENABLE_WERROR OFF)
  spate_dependency(benchmark libbenchmark-dev
    https://github.com/google/benchmark/archive/refs/tags/v1.7.1.tar.gz
    6430e4092653380d9dc4ccb45a1e2dc9259d581f4866dc0759713126056bc1d7
    benchmark::benchmark)
endif()
if(SPATE_BUILD_TESTS)
  # GoogleTest: the tests.
  set(INSTALL_GTEST OFF)
  spate_dependency(GTest "libgtest-dev libgmock-dev"
    https://github.com/google/googletest/archive/refs/tags/release-1.12.1.tar.gz
    81964fe578e9bd7c94dfdb09c8e4d6e6759e19967e397dbea48d1c10e45d0df2
    GTest::gtest_main GTest::gmock)
endif()

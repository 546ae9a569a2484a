# How our own targets are compiled; interface targets, so nothing leaks into a user's build.
add_library(spate_compile_options INTERFACE)
target_compile_features(spate_compile_options INTERFACE cxx_std_20)
target_compile_options(spate_compile_options INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  # g++ 12 takes moodycamel's cast from a producer to its own type for an access out of bounds.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-stringop-overflow>
  # What is computed from a plan must be equal on every machine: no product may be fused with a sum, and
  # whatever flags the project has that builds us, nothing may be reordered.
  -fno-fast-math -ffp-contract=off)

# A target's property SPATE_OPTIMIZATION outranks what the build type says, where that optimises.
set(own_optimization $<TARGET_PROPERTY:SPATE_OPTIMIZATION>)
target_compile_options(spate_compile_options INTERFACE $<$<CONFIG:Release>:${own_optimization}>)

if(SPATE_SANITIZE)
  # What the checks add to each function makes the optimiser's work many times as long: under -O2 -g a file
  # takes twice the time to compile. -g1 keeps files and lines in reports; variables are for a debug build.
  target_compile_options(spate_compile_options INTERFACE
    -fsanitize=${SPATE_SANITIZE} -fno-omit-frame-pointer -O1 ${own_optimization} -g1)
  target_link_options(spate_compile_options INTERFACE -fsanitize=${SPATE_SANITIZE})
  if(SPATE_SANITIZE MATCHES "undefined")
    target_compile_options(spate_compile_options INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()

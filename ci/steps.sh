# shellcheck shell=bash
# Shared by the scripts beside it: sourced, not run.

step_name=
step_began=0

# Headings carry the time of the step before them, so that a slow one is seen without a profiler.
step() {
  finish_step
  step_name=$1
  step_began=$SECONDS
  printf '\n== %s\n' "$1"
}

finish_step() {
  if [[ -n $step_name ]]; then
    printf -- '-- %s: %d s\n' "$step_name" "$((SECONDS - step_began))"
  fi
  step_name=
}

die() {
  printf '%s: %s\n' "${0##*/}" "$1" >&2
  exit "${2:-1}"
}

# Prints the comment block at the head of the calling script: the usage stands in one place. The scripts are in
# this folder, wherever they were called from.
usage() {
  sed -n '2,/^[^#]/{ /^#/!d; s/^# \{0,1\}//; p; }' "ci/${0##*/}"
}

# A fresh build folder goes without tests, so that GoogleTest isn't needed; one that has them keeps them.
configure_without_tests() {
  local -a tests_off=()
  [[ -f build/release/CMakeCache.txt ]] || tests_off=(-DSPATE_BUILD_TESTS=OFF)
  cmake --preset release "${tests_off[@]}" -DSPATE_BUILD_BENCH=ON -DSPATE_BUILD_COMPARE=ON "$@"
}

build() {
  local preset=$1
  shift
  cmake --build --preset "$preset" --parallel "$(nproc)" "$@"
}

# Where moodycamel's header is, which comes without a CMake package on Debian: its own folder is what users include
# from. For the build, and for those who use Spate once it is installed.
find_path(SPATE_CONCURRENTQUEUE_DIR concurrentqueue.h
  PATH_SUFFIXES concurrentqueue moodycamel concurrentqueue/moodycamel)
mark_as_advanced(SPATE_CONCURRENTQUEUE_DIR)

// Under ThreadSanitizer: C11's threads as POSIX threads.
//
// Debian's librdkafka starts its threads by thrd_create, which ThreadSanitizer does not know of:
// the first allocation in such a thread ends the process. The library takes these definitions
// before those of glibc. What its threads share stays hidden, see tsan_suppressions.txt.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SPATE_THREAD_SANITIZER
#endif
#endif
#if defined(__SANITIZE_THREAD__) || defined(SPATE_THREAD_SANITIZER)

#include <pthread.h>
#include <threads.h>

#include <cstdint>
#include <memory>

namespace {

struct Start {
  thrd_start_t function;
  void* argument;
};

void* run(void* raw) {
  const std::unique_ptr<Start> start(static_cast<Start*>(raw));
  return reinterpret_cast<void*>(static_cast<std::intptr_t>(start->function(start->argument)));
}

}  // namespace

extern "C" int thrd_create(thrd_t* thread, thrd_start_t function, void* argument) {
  auto start = std::make_unique<Start>(Start{function, argument});
  if (pthread_create(thread, nullptr, run, start.get()) != 0) {
    return thrd_error;
  }
  static_cast<void>(start.release());  // it is the thread's now
  return thrd_success;
}

extern "C" int thrd_join(thrd_t thread, int* result) {
  void* value = nullptr;
  if (pthread_join(thread, &value) != 0) {
    return thrd_error;
  }
  if (result != nullptr) {
    *result = static_cast<int>(reinterpret_cast<std::intptr_t>(value));
  }
  return thrd_success;
}

#endif

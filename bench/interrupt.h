// SIGINT and SIGTERM: asked politely, a run stops and keeps what it has.
#pragma once

#include <atomic>

namespace spate::bench {

// Catches the signals from now on. A second one, of either kind, ends the process at once, unless
// it comes within half a second: timeout(1) signals a process and then its group.
void catch_interrupts();

// Becomes true with the first signal.
const std::atomic<bool>& interrupted();

}  // namespace spate::bench

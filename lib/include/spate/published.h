// A value that one thread publishes and any thread reads, whole, without either waiting.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace spate {

// One thread publishes a value now and then, any thread reads the latest whole one. Before the
// first publish() that is T{}.
//
// Publish is wait-free: plain stores on x86, no read-modify-write. Read is lock-free: it tries
// again only where the writer has published meanwhile. There are two slots, and the writer fills
// the one that is not current; so a writer that stands still, wherever it does, holds no reader up,
// as it would with the usual sequence lock.
//
// T: trivially copyable, its size a multiple of 8 bytes, best without padding. Another thread may
// become the writer when something else orders it behind the one before. `Atomic` is there for
// tests, which put one in that stops half-way.
template <class T, template <class> class Atomic = std::atomic>
class Published {
 public:
  Published() {
    for (auto& slot : slots_) {
      store(slot, T{});
    }
  }

  // The writer only.
  void publish(const T& value) noexcept {
    const std::uint64_t next = version_.load(std::memory_order_relaxed) + 1;  // own variable
    store(slots_[next % 2], value);
    // Pairs with the first acquire in read(): who sees the version sees its words.
    version_.store(next, std::memory_order_release);
  }

  // Any thread. Never older than what this thread has read before.
  T read() const noexcept {
    // Pairs with the release in publish().
    std::uint64_t before = version_.load(std::memory_order_acquire);
    while (true) {
      const T value = load(slots_[before % 2]);
      // Only the next version but one goes into this slot again. Had one of its words been read,
      // then the acquire of that word has made at least version `before` + 1 visible here.
      const std::uint64_t after = version_.load(std::memory_order_acquire);
      if (after == before) {
        return value;
      }
      before = after;
    }
  }

 private:
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) % sizeof(std::uint64_t) == 0);

  static constexpr std::size_t kWords = sizeof(T) / sizeof(std::uint64_t);
  using Slot = std::array<Atomic<std::uint64_t>, kWords>;

  // Word by word out of the value and into it: a copy in between would be made in wider pieces than
  // the value was written in, and wait for these to leave the store buffer.
  static void store(Slot& slot, const T& value) noexcept {
    const auto* from = reinterpret_cast<const std::byte*>(&value);
    for (Atomic<std::uint64_t>& to : slot) {
      std::uint64_t word;
      std::memcpy(&word, from, sizeof(word));
      from += sizeof(word);
      // Pairs with the acquire in load(): who sees the word sees the version before it.
      to.store(word, std::memory_order_release);
    }
  }
  static T load(const Slot& slot) noexcept {
    T value;
    auto* to = reinterpret_cast<std::byte*>(&value);
    for (const Atomic<std::uint64_t>& from : slot) {
      const std::uint64_t word = from.load(std::memory_order_acquire);  // pairs with store()
      std::memcpy(to, &word, sizeof(word));
      to += sizeof(word);
    }
    return value;
  }

  std::array<Slot, 2> slots_;
  Atomic<std::uint64_t> version_{0};
};

}  // namespace spate

// A shard for each thread: for what many threads write and few read.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "spate/cache_line.h"

namespace spate {

// Lends each thread a shard of its own. A shard belongs to one thread until that thread ends; then
// a later thread takes it over, as it stands. So there are never more shards than threads that used
// them side by side, however many come and go.
//
// Progress: with_own() is wait-free; the first of a thread is lock-free, but for the allocation
// where no shard is free, and so is each within a destructor that runs later at the thread's end
// than this class's own. A thread that alternates among several of these searches a list of them.
// for_each() is wait-free. A thread that stands still keeps its shard, and stops nobody. Threads
// and ThreadShards may end in any order, but not while a call is under way.
//
// Shard: default constructible; what for_each() reads of it must bear its owner's writing. `Atomic`
// is there for tests, which put one in that stops half-way.
template <class Shard, template <class> class Atomic = std::atomic>
class ThreadShards {
 public:
  ThreadShards() = default;
  ThreadShards(const ThreadShards&) = delete;
  ThreadShards& operator=(const ThreadShards&) = delete;

  // Any thread. Calls action(Shard&) with the shard of this thread.
  template <class Action>
  void with_own(Action action) {
    if (latest.id == id_) {
      action(latest.node->shard);
    } else if (!ended) {
      action(own_node().shard);
    } else {
      // A destructor at the thread's end, later than that of `holdings`: a shard for just now.
      const Loan loan(list_->claim());
      action(loan.node.shard);
    }
  }

  // Any thread. Calls visit(const Shard&) for all shards, those of ended threads too.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Node* node = list_->newest(); node != nullptr; node = node->next) {
      visit(node->shard);
    }
  }

 private:
  struct alignas(kCacheLine) Node {
    // Pairs with the acquire in List::claim(): the next owner sees what this one has left.
    void give_back() { held.store(false, std::memory_order_release); }

    Shard shard;
    Atomic<bool> held{true};
    Node* next = nullptr;  // set before the node is pushed, never changed after
  };

  struct Loan {
    explicit Loan(Node& lent) : node(lent) {}
    Loan(const Loan&) = delete;
    Loan& operator=(const Loan&) = delete;
    ~Loan() { node.give_back(); }
    Node& node;
  };

  // Grows only, so that nobody meets a node that goes away.
  class List {
   public:
    List() = default;
    List(const List&) = delete;
    List& operator=(const List&) = delete;
    ~List() {
      for (Node* node = newest(); node != nullptr;) {
        const std::unique_ptr<Node> old(node);
        node = old->next;
      }
    }

    // Pairs with the release in push(): who sees the node sees what stands in it.
    Node* newest() const { return newest_.load(std::memory_order_acquire); }

    Node& claim() {
      for (Node* node = newest(); node != nullptr; node = node->next) {
        // The acquire pairs with the release in give_back().
        if (!node->held.load(std::memory_order_relaxed) &&
            !node->held.exchange(true, std::memory_order_acquire)) {
          return *node;
        }
      }
      return push();
    }

   private:
    Node& push() {
      auto* const node = std::make_unique<Node>().release();
      node->next = newest_.load(std::memory_order_relaxed);
      // Pairs with the acquire in newest(), also for the nodes that were pushed before: each
      // exchange carries their releases on. (A failed one reads only a pointer to store.)
      while (!newest_.compare_exchange_weak(node->next, node, std::memory_order_release,
                                            std::memory_order_relaxed)) {
      }
      return *node;
    }

    Atomic<Node*> newest_{nullptr};
  };

  // What a thread holds of one ThreadShards.
  struct Holding {
    std::uint64_t id;
    std::weak_ptr<List> list;  // expired: the ThreadShards has ended, and the node with it
    Node* node;
  };
  struct Holdings {
    Holdings() = default;
    Holdings(const Holdings&) = delete;
    Holdings& operator=(const Holdings&) = delete;
    ~Holdings() {
      latest = {};
      ended = true;
      for (const Holding& holding : all) {
        if (const std::shared_ptr<List> list = holding.list.lock()) {
          holding.node->give_back();
        }
      }
    }
    std::vector<Holding> all;
  };
  struct Latest {
    std::uint64_t id = 0;  // 0: none
    Node* node = nullptr;
  };

  Node& own_node() {
    std::vector<Holding>& all = holdings.all;
    auto found = std::find_if(all.begin(), all.end(),
                              [this](const Holding& holding) { return holding.id == id_; });
    if (found == all.end()) {
      std::erase_if(all, [](const Holding& holding) { return holding.list.expired(); });
      all.reserve(all.size() + 1);  // may throw; from the claim on nothing does
      found = all.insert(all.end(), {id_, list_, &list_->claim()});
    }
    latest = {id_, found->node};
    return *found->node;
  }

  inline static std::atomic<std::uint64_t> ids{0};

  // Of this thread. The first two have no destructor, so they hold until its very end.
  constinit inline static thread_local Latest latest{};
  constinit inline static thread_local bool ended = false;
  inline static thread_local Holdings holdings;

  const std::uint64_t id_ = ids.fetch_add(1, std::memory_order_relaxed) + 1;  // never used again
  const std::shared_ptr<List> list_ = std::make_shared<List>();
};

}  // namespace spate

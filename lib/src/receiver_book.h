// What one worker writes down about the messages that its consumer receives.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "live_board.h"
#include "progress.h"
#include "receipt_tally.h"
#include "spate/chaos_marks.h"
#include "spate/delivery.h"
#include "spate/latency_recorder.h"
#include "spate/ledger.h"
#include "spate/payload.h"
#include "spate/run_plan.h"
#include "timeline_recorder.h"

namespace spate {

// One writer: the worker. Read after the join.
class ReceiverBook {
 public:
  // `board`: null where nobody may look on; `timeline`: where nobody asked for one.
  ReceiverBook(const RunPlan& plan, WorkerId worker, const Payloads& payloads, Progress& progress,
               LiveBoard* board, TimelineRecorder* timeline)
      : worker_(worker),
        agents_count_(plan.agents),
        payloads_(payloads),
        progress_(progress),
        board_(board),
        timeline_(timeline),
        marks_(marks_of(plan.chaos)),
        ledger_(plan.workers, plan.ledger_window_of_run()),
        copies_(plan.workers, plan.ledger_window_of_run(), SeenLedger::Of::copies),
        reorder_(plan.agents),
        tally_(plan),
        completed_(plan.workers) {}

  SeenLedger& ledger() { return ledger_; }
  const SeenLedger& ledger() const { return ledger_; }
  // Of the duplicates that chaos sends: each may come once and no more.
  SeenLedger& copies() { return copies_; }
  const SeenLedger& copies() const { return copies_; }

  // A batch that was received before `now_ns`.
  void receive(std::span<const Received> batch, std::int64_t now_ns) {
    for (const Received& received : batch) {
      receive_one(received, now_ns);
    }
    for (WorkerId sender = 0; sender < completed_.size(); ++sender) {
      if (completed_[sender].count > 0) {
        progress_.add_completed(worker_, sender, std::exchange(completed_[sender], {}));
      }
    }
  }

  std::uint64_t reordered() const { return reordered_; }
  std::uint64_t aliens() const { return aliens_; }
  std::uint64_t corrupted() const { return corrupted_; }
  const LatencyRecorder& service() const { return service_; }
  const ReceiptTally& tally() const { return tally_; }

 private:
  void receive_one(const Received& received, std::int64_t now_ns) {
    const Message& message = received.message;
    if (received.payload.data() != nullptr &&
        payloads_.checksum(message, received.payload) != received.checksum) {
      ++corrupted_;
      return;
    }
    const std::uint64_t ordinal = message.ordinal & ~marks_;
    if (!known(message, ordinal)) {
      ++aliens_;
      return;
    }
    if (is_copy(message.ordinal)) {
      copies_.mark(message.worker, ordinal);
      return;
    }
    if (!ledger_.mark(message.worker, ordinal)) {
      return;  // a duplicate, which the ledger has counted
    }
    reordered_ += reorder_.observe(message) ? 1U : 0U;
    tally_.record(message, now_ns);
    service_.record(now_ns - message.sent_ns);
    if (board_ != nullptr) {
      board_->record_response(now_ns - message.intended_ns);
    }
    if (timeline_ != nullptr) {
      timeline_->delivered(now_ns - message.intended_ns);
    }
    completed_[message.worker].add(ordinal);
    if (progress_.by_agent()) {
      progress_.add_completed_of_agent(worker_, message.sender);
    }
  }

  bool known(const Message& message, std::uint64_t ordinal) const {
    return message.sender < agents_count_ && message.recipient < agents_count_ &&
           message.worker < completed_.size() && index_of(message.type) < kMessageTypes &&
           ordinal < progress_.assigned(message.worker);
  }

  WorkerId worker_;
  std::uint32_t agents_count_;
  const Payloads& payloads_;
  Progress& progress_;
  LiveBoard* board_;
  TimelineRecorder* timeline_;
  std::uint64_t marks_;  // that may stand in an ordinal
  SeenLedger ledger_;
  SeenLedger copies_;
  ReorderDetector reorder_;
  LatencyRecorder service_;
  ReceiptTally tally_;
  std::vector<Ended> completed_;  // scratch of receive(), by sender's worker
  std::uint64_t reordered_ = 0;
  std::uint64_t aliens_ = 0;
  std::uint64_t corrupted_ = 0;
};

}  // namespace spate

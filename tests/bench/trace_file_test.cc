#include "trace_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace spate::bench {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

json parsed(const RunReport& report) { return json::parse(trace_json(report)); }

// Of one phase; in the file's order.
std::vector<json> events(const json& trace, const char* phase) {
  std::vector<json> found;
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") == phase) {
      found.push_back(event);
    }
  }
  return found;
}

TracedDelivery delivery(std::int64_t intended_ns, std::int64_t received_ns) {
  return {.intended_ns = intended_ns,
          .sent_ns = intended_ns + 70,
          .received_ns = received_ns,
          .sequence = 5,
          .sender = 2,
          .recipient = 0,
          .type = MessageType::urgent};
}

TEST(TraceFile, ADeliveryIsASliceFromItsIntendedSendToItsReceipt) {
  RunReport report;
  report.trace = {delivery(1'000'001, 2'500'020)};
  const json trace = parsed(report);
  const json begin = events(trace, "b").at(0);
  const json end = events(trace, "e").at(0);
  EXPECT_EQ(begin.at("ts"), 1000.001);
  EXPECT_EQ(end.at("ts"), 2500.02);
  EXPECT_EQ(begin.at("args"), json({{"lateness_ns", 70}}));
  for (const json& one : {begin, end}) {
    EXPECT_EQ(one.at("id"), "0x1");
    EXPECT_EQ(one.at("name"), "urgent 5 to Agent-1");
    EXPECT_EQ(one.at("cat"), "urgent");
    EXPECT_EQ(one.at("pid"), 3);
  }
  std::vector<std::string> agents;
  for (const json& meta : events(trace, "M")) {
    if (meta.at("name") == "process_name") {
      agents.push_back(meta.at("args").at("name"));
    }
  }
  EXPECT_THAT(agents, ElementsAre("Agent-3")) << "who only receives has no slices";
}

TEST(TraceFile, TimesBeforeTheStartAreNumbersToo) {
  RunReport report;
  report.trace = {delivery(-1'234'567, -1000), delivery(-5, 0)};
  report.chaos_events = {{.t_ns = std::numeric_limits<std::int64_t>::min()}};
  const std::string text = trace_json(report);
  for (const char* const time : {"\"ts\": -1234.567,", "\"ts\": -1.000}", "\"ts\": -0.005,",
                                 "\"ts\": 0.000}", "\"ts\": -9223372036854775.808,"}) {
    EXPECT_THAT(text, HasSubstr(time));
  }
  EXPECT_TRUE(json::accept(text)) << text;
}

TEST(TraceFile, EverythingIsInTheOrderOfTime) {
  RunReport report;
  // By receipt, as a report has them; the first is the last to have been sent.
  report.trace = {delivery(30, 40), delivery(10, 50), delivery(20, 60)};
  report.chaos_events = {{.t_ns = 15}, {.t_ns = 55}};
  const json trace = parsed(report);
  std::vector<std::string> order;
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") != "M") {
      order.push_back(event.at("ph").get<std::string>() + event.value("id", ""));
    }
  }
  EXPECT_THAT(order, ElementsAre("b0x2", "i", "b0x3", "b0x1", "e0x1", "e0x2", "i", "e0x3"));
}

TEST(TraceFile, WhatTakesNoTimeBeginsBeforeItEnds) {
  RunReport report;
  report.trace.assign(50, delivery(7, 7));  // more than a sort that is not stable leaves alone
  const json trace = parsed(report);
  std::vector<std::string> open;
  for (const json& event : trace.at("traceEvents")) {
    if (event.at("ph") == "b") {
      open.push_back(event.at("id"));
    } else if (event.at("ph") == "e") {
      ASSERT_THAT(open, testing::Contains(event.at("id").get<std::string>()));
    }
  }
  EXPECT_EQ(open.size(), 50U);
}

TEST(TraceFile, CountsWhatTheReportLeftOut) {
  RunReport report;
  report.trace_left_out = 12;
  report.chaos_events_left_out = 34;
  const json trace = parsed(report);
  EXPECT_EQ(trace.at("otherData"),
            json({{"deliveries_left_out", 12}, {"chaos_events_left_out", 34}}));
  EXPECT_THAT(trace.at("traceEvents"), IsEmpty());
}

TEST(TraceFile, AnEventSaysHowLongOnlyWhereItLasts) {
  RunReport report;
  using Kind = ChaosEvent::Kind;
  for (const Kind kind : {Kind::crash, Kind::burst, Kind::duplicate, Kind::dropped_ack}) {
    report.chaos_events.push_back({.sequence = 9, .kind = kind});
  }
  report.chaos_events.push_back({.sequence = 9, .extra_ns = 80, .kind = Kind::crash});
  report.chaos_events.push_back({.sequence = 9, .extra_ns = 80, .kind = Kind::spike});
  const std::vector<json> instants = events(parsed(report), "i");
  ASSERT_EQ(instants.size(), 6U);
  for (std::size_t at = 0; at < instants.size(); ++at) {
    const json with = {{"sequence", 9}, {"extra_ns", 80}};
    const json without = {{"sequence", 9}};
    EXPECT_EQ(instants[at].at("args"), at < 4 ? without : with) << instants[at];
  }
}

TEST(TraceFile, ARealFaultIsALengthOfTimeAboveTheAgents) {
  RunReport report;
  FaultOutcome outcome;
  outcome.executed.fault = {.kind = Fault::Kind::slice, .at_ns = 1'000'000, .for_ns = 2'000'000};
  outcome.executed.begun_ns = 1'000'500;
  outcome.executed.ended_ns = 3'000'700;
  outcome.unknown = 4;
  FaultOutcome never;
  report.faults.emplace().faults = {outcome, never};
  const json trace = parsed(report);
  ASSERT_EQ(events(trace, "X").size(), 1U) << "one did not begin";
  const json fault = events(trace, "X").at(0);
  EXPECT_EQ(fault.at("name"), "slice");
  EXPECT_EQ(fault.at("ts"), 1000.5);
  EXPECT_EQ(fault.at("dur"), 2000.2);
  EXPECT_EQ(fault.at("args").at("fault"), "1ms:slice,for=2ms");
  EXPECT_EQ(fault.at("args").at("unknown"), 4);
  EXPECT_EQ(events(trace, "M").at(0).at("args").at("name"), "faults");
}

}  // namespace
}  // namespace spate::bench

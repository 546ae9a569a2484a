// What a person sees of the results while they come in.
#pragma once

#include <string>

#include "result_json.h"

namespace spate::bench {

class Display {
 public:
  Display() = default;
  Display(const Display&) = delete;
  Display& operator=(const Display&) = delete;
  virtual ~Display() = default;

  // Before the first benchmark; `context` is the result file's.
  virtual void begin(const Json& context) = 0;
  // The rows that follow are of one more benchmark.
  virtual void benchmark_begins() = 0;
  // One row of the result file; several of them when there are repetitions.
  virtual void row(const Json& row) = 0;
  // The counters and the `spate` object of a run that a signal stopped, of the part that was run;
  // the result file does not have it.
  virtual void cut_short(const Json& row) = 0;
  virtual void end() = 0;
};

// 0 where there is none: what is not finite stands as null.
double value_of(const Json& object, const char* key);

// What the result file's context says of each real delivery, a line each: its version, and how
// durable what it has acknowledged is.
std::string delivery_lines(const Json& context);

// What a row is to be read with, where it is of a closed loop that sent for less than half of the
// time that was asked for: Google Benchmark takes the wait for a processor for work, and ends it
// after a few messages. Else empty, and so of virtual time, which waits for nothing.
std::string too_short_text(const Json& row);

}  // namespace spate::bench

// Histograms as text that HdrHistogram's tools read, in every language that it exists in.
#pragma once

#include <string>
#include <string_view>

#include "spate/latency_recorder.h"

namespace spate {

// The base64 of HdrHistogram's "V2 compressed" encoding; begins with "HISTFAAA". Holds the counts
// and the layout; negative() and the exact min(), max() and mean() are not part of the format.
// Format: HdrHistogram, AbstractHistogram.java, encodeIntoCompressedByteBuffer(), and
// ZigZagEncoding.java. Throws Error if zlib fails.
std::string encode_hdr(const LatencyRecorder& recorder);

// The recorder that was encoded: equal counts and quantiles, min(), max() and mean() as exact as
// the buckets (see LatencyRecorder::from_counts). Reads this layout only: 1 ns … 1 h, 2 digits,
// unscaled. Throws Error, with one line that says what is wrong, on anything else, however damaged;
// what it allocates is bounded by the text's length and the layout's size.
LatencyRecorder decode_hdr(std::string_view base64);

}  // namespace spate

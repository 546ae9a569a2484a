// Histograms as text that HdrHistogram's tools read, in every language that it exists in.
#pragma once

#include <string>

#include "spate/latency_recorder.h"

namespace spate {

// The base64 of HdrHistogram's "V2 compressed" encoding; begins with "HISTFAAA". Holds the counts
// and the layout; negative() and the exact min(), max() and mean() are not part of the format.
// Format: HdrHistogram, AbstractHistogram.java, encodeIntoCompressedByteBuffer(), and
// ZigZagEncoding.java. Throws Error if zlib fails.
std::string encode_hdr(const LatencyRecorder& recorder);

}  // namespace spate

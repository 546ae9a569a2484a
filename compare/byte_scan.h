// Where runs of bytes end, found sixteen at a time where the target has SSE2.
#pragma once

#include <bit>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace spate::compare {

#ifdef __SSE2__
inline __m128i sixteen_bytes(const char* at) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}
#endif

// Kinds of runs; each says which byte ends it, of one byte and of sixteen at once.
struct Space {  // JSON's white space
  static bool ends_at(char byte) {
    return byte != ' ' && byte != '\n' && byte != '\r' && byte != '\t';
  }
#ifdef __SSE2__
  static unsigned ends_among(__m128i bytes) {
    const __m128i blanks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(' ')),
                                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
    const __m128i others = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\r')),
                                        _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')));
    return 0xffffU ^ static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(blanks, others)));
  }
#endif
};

struct Plain {  // what needs no look within a string: no quote, backslash, control, or byte above
                // 0x7f
  static bool ends_at(char byte) {
    return byte == '"' || byte == '\\' || static_cast<signed char>(byte) < 0x20;
  }
#ifdef __SSE2__
  static unsigned ends_among(__m128i bytes) {
    const __m128i marks = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')));
    // Signed, so that bytes beyond ASCII are below zero.
    const __m128i odd = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(marks, odd)));
  }
#endif
};

struct Digits {
  static bool ends_at(char byte) { return byte < '0' || byte > '9'; }
#ifdef __SSE2__
  static unsigned ends_among(__m128i bytes) {
    const __m128i below = _mm_cmplt_epi8(bytes, _mm_set1_epi8('0'));
    const __m128i above = _mm_cmpgt_epi8(bytes, _mm_set1_epi8('9'));
    return static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(below, above)));
  }
#endif
};

// Where the run that starts with `at` ends: `end` at the latest, beyond which nothing is read.
template <class Run>
const char* run_end(const char* at, const char* end) {
#ifdef __SSE2__
  for (; end - at >= 16; at += 16) {
    if (const unsigned ends = Run::ends_among(sixteen_bytes(at)); ends != 0) {
      return at + std::countr_zero(ends);
    }
  }
#endif
  while (at != end && !Run::ends_at(*at)) {
    ++at;
  }
  return at;
}

// run_end<Space> for text that a program has indented, mostly by one width all along. The last one
// is tried first: the processor then reads on at a place that it need not wait for, and a whole
// file takes two thirds of the time.
class Indentation {
 public:
  const char* end_of(const char* at, const char* end) {
    if (at == end || *at > ' ') {
      return at;
    }
    if (*at == ' ' && end - at > 1 && at[1] > ' ') {  // behind a colon
      return at + 1;
    }
#ifdef __SSE2__
    if (end - at >= 16) {
      const unsigned ends = Space::ends_among(sixteen_bytes(at));
      const unsigned guess = 1U << width_;
      if ((ends & (2 * guess - 1)) == guess) [[likely]] {
        return at + width_;
      }
      width_ = ends == 0 ? width_ : static_cast<unsigned>(std::countr_zero(ends));
    }
#endif
    return run_end<Space>(at, end);
  }

 private:
  unsigned width_ = 0;  // below 16
};

}  // namespace spate::compare

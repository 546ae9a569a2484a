// Where runs of bytes end, found sixteen at a time where the target has SSE2.
#pragma once

#include <bit>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace spate::compare {

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
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    if (const unsigned ends = Run::ends_among(bytes); ends != 0) {
      return at + std::countr_zero(ends);
    }
  }
#endif
  while (at != end && !Run::ends_at(*at)) {
    ++at;
  }
  return at;
}

}  // namespace spate::compare

// SPDX-License-Identifier: Apache-2.0
#include "nnq_limit.h"

#include <string.h>

#if defined(__GNUC__) && defined(__x86_64__)

/* Ten sums, none of which waits for another; the operands do not matter. */
#define TEN(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7) M(8) M(9)
#define SUMS                                                                                  \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
      "xmm11", "xmm12", "xmm13", "xmm14", "xmm15"

#define ZMM_8(n) "vpdpbusd %%zmm10, %%zmm11, %%zmm" #n "\n\t"
#define ZMM_16(n) "vpdpwssd %%zmm10, %%zmm11, %%zmm" #n "\n\t"
#define YMM_8(n) "%{vex%} vpdpbusd %%ymm10, %%ymm11, %%ymm" #n "\n\t"
#define YMM_16(n) "%{vex%} vpdpwssd %%ymm10, %%ymm11, %%ymm" #n "\n\t"
#define SHORT_8(n)                                \
  "vpmaddubsw %%ymm10, %%ymm11, %%ymm12\n\t"      \
  "vpaddw %%ymm12, %%ymm" #n ", %%ymm" #n "\n\t"
#define SHORT_16(n)                               \
  "vpmaddwd %%ymm10, %%ymm11, %%ymm12\n\t"        \
  "vpaddd %%ymm12, %%ymm" #n ", %%ymm" #n "\n\t"

#define REPEAT(M) \
  for (uint32_t i = 0; i < rounds; i++) __asm__ volatile(TEN(M) : : : SUMS)
#define LEAVE __asm__ volatile("vzeroupper" : : : SUMS)

uint64_t nnq_limit_multiply(const char *kernel, int code_bits, int weight_bits, uint32_t rounds) {
  const uint64_t ten = UINT64_C(10) * rounds;
  const int is_wide = code_bits == 16;
  if (strcmp(kernel, "avx512vnni") == 0) {
    if (is_wide) REPEAT(ZMM_16);
    else REPEAT(ZMM_8);
    LEAVE;
    return ten * (is_wide ? 32 : 64);
  }
  if (strcmp(kernel, "avxvnni") == 0) {
    if (is_wide) REPEAT(YMM_16);
    else REPEAT(YMM_8);
    LEAVE;
    return ten * (is_wide ? 16 : 32);
  }
  if (strcmp(kernel, "avx2") != 0) return 0;
  if (is_wide) REPEAT(SHORT_16);
  else REPEAT(SHORT_8);
  LEAVE;
  /* A code of 8 bits by a weight of 8 takes two of them, one for each half of the code. */
  return ten * (is_wide || weight_bits == 8 ? 16 : 32);
}

uint64_t nnq_limit_read(const char *kernel, const void *memory, size_t bytes) {
  const char *at = memory, *end = at + bytes / 256 * 256;
  if (strcmp(kernel, "avx512vnni") == 0) {
    for (; at < end; at += 256) {
      __asm__ volatile(
          "vmovdqa64 (%0), %%zmm0\n\tvmovdqa64 64(%0), %%zmm1\n\t"
          "vmovdqa64 128(%0), %%zmm2\n\tvmovdqa64 192(%0), %%zmm3"
          : : "r"(at) : "xmm0", "xmm1", "xmm2", "xmm3", "memory");
    }
  } else if (strcmp(kernel, "avxvnni") == 0 || strcmp(kernel, "avx2") == 0) {
    for (; at < end; at += 256) {
      __asm__ volatile(
          "vmovdqa (%0), %%ymm0\n\tvmovdqa 32(%0), %%ymm1\n\t"
          "vmovdqa 64(%0), %%ymm2\n\tvmovdqa 96(%0), %%ymm3\n\t"
          "vmovdqa 128(%0), %%ymm0\n\tvmovdqa 160(%0), %%ymm1\n\t"
          "vmovdqa 192(%0), %%ymm2\n\tvmovdqa 224(%0), %%ymm3"
          : : "r"(at) : "xmm0", "xmm1", "xmm2", "xmm3", "memory");
    }
  } else {
    return 0;
  }
  LEAVE;
  return bytes / 256 * 256;
}

#elif defined(__GNUC__) && defined(__aarch64__)

#define EIGHT(M) M(0) M(1) M(2) M(3) M(4) M(5) M(6) M(7)
#define SUMS "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17"
#define WORDS(n) "smlal v" #n ".4s, v16.4h, v17.4h\n\t"
#define DOTS(n) ".inst 0x4e919600 + " #n "\n\t" /* sdot vN.4s, v16.16b, v17.16b */

uint64_t nnq_limit_multiply(const char *kernel, int code_bits, int weight_bits, uint32_t rounds) {
  const int is_dot = strcmp(kernel, "neondot") == 0 && code_bits == 8;
  (void)weight_bits;
  if (strncmp(kernel, "neon", 4) != 0) return 0;
  for (uint32_t i = 0; i < rounds; i++) {
    if (is_dot) __asm__ volatile(EIGHT(DOTS) : : : SUMS);
    else __asm__ volatile(EIGHT(WORDS) : : : SUMS);
  }
  return UINT64_C(8) * rounds * (is_dot ? 16 : 4);
}

uint64_t nnq_limit_read(const char *kernel, const void *memory, size_t bytes) {
  const char *at = memory, *end = at + bytes / 64 * 64;
  if (strncmp(kernel, "neon", 4) != 0) return 0;
  for (; at < end; at += 64) {
    __asm__ volatile("ldp q0, q1, [%0]\n\tldp q2, q3, [%0, #32]"
                     : : "r"(at) : "v0", "v1", "v2", "v3", "memory");
  }
  return bytes / 64 * 64;
}

#else

uint64_t nnq_limit_multiply(const char *kernel, int code_bits, int weight_bits, uint32_t rounds) {
  (void)kernel, (void)code_bits, (void)weight_bits, (void)rounds;
  return 0;
}

uint64_t nnq_limit_read(const char *kernel, const void *memory, size_t bytes) {
  (void)kernel, (void)memory, (void)bytes;
  return 0;
}

#endif

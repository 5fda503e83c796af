/* SPDX-License-Identifier: Apache-2.0 */

/* The table of kernels, slowest first, and what the CPU is asked. */

#include "kernels.h"

#if defined(NNQ_X86_KERNELS)

#include <cpuid.h>

enum { YMM_STATE = 0x06, ZMM_STATE = 0xE6 };

enum {
  OSXSAVE = 1u << 27,           /* leaf 1, ecx */
  AVX2 = 1u << 5,               /* leaf 7.0, ebx, as the next three */
  AVX512_F_DQ = 1u << 16 | 1u << 17,
  AVX512_BW = 1u << 30,
  AVX512_VNNI = 1u << 11,       /* leaf 7.0, ecx */
  AVX_VNNI = 1u << 4            /* leaf 7.1, eax */
};

static const uint32_t avx512_vl = UINT32_C(1) << 31;

/* True when the system saves these registers. */
static int saves(uint32_t state) {
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & OSXSAVE)) return 0;
  __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  return (a & state) == state;
}

static int has_avx2(void) {
  uint32_t a, b, c, d;
  return saves(YMM_STATE) && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & AVX2);
}

static int has_avxvnni(void) {
  uint32_t a, b, c, d;
  return has_avx2() && __get_cpuid_count(7, 1, &a, &b, &c, &d) && (a & AVX_VNNI);
}

static int has_avx512vnni(void) {
  uint32_t a, b, c, d;
  uint32_t wanted = AVX512_F_DQ | AVX512_BW | avx512_vl;
  return saves(ZMM_STATE) && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & wanted) == wanted &&
         (c & AVX512_VNNI);
}

static const nnq_kernel kernels[] = {
    {"avx2", has_avx2, nnq_batch_avx2,
     {8, 1, 8, {{NNQ_FORM_SPLIT, 4}, {NNQ_FORM_WIDE, 2}, {NNQ_FORM_SIGNED, 8}}}},
    {"avxvnni", has_avxvnni, nnq_batch_avxvnni,
     {8, 1, 0, {{NNQ_FORM_UNSIGNED, 4}, {NNQ_FORM_WIDE, 2}, {NNQ_FORM_UNSIGNED, 8}}}},
    {"avx512vnni", has_avx512vnni, nnq_batch_avx512vnni,
     {16, 1, 0, {{NNQ_FORM_UNSIGNED, 4}, {NNQ_FORM_WIDE, 2}, {NNQ_FORM_UNSIGNED, 8}}}},
};

#elif defined(NNQ_ARM_KERNELS)

static int has_neon(void) { return 1; }

#if defined(__ARM_FEATURE_DOTPROD)
static int has_neondot(void) { return 1; }
#elif defined(__linux__)
unsigned long getauxval(unsigned long type);
static int has_neondot(void) {
  enum { AT_HWCAP = 16, HWCAP_ASIMDDP = 1 << 20 };
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
}
#else
static int has_neondot(void) { return 0; }
#endif

static const nnq_kernel kernels[] = {
    {"neon", has_neon, nnq_batch_neon, {8, 0, 0, {{0, 0}, {NNQ_FORM_WIDE, 1}, {0, 0}}}},
    {"neondot", has_neondot, nnq_batch_neondot,
     {8, 0, 0, {{NNQ_FORM_SIGNED, 4}, {NNQ_FORM_WIDE, 1}, {NNQ_FORM_SIGNED, 8}}}},
};

#endif

#if defined(NNQ_SIMD_KERNELS)

enum { KERNELS = 1 + sizeof kernels / sizeof *kernels };

const nnq_kernel *nnq_kernel_at(uint32_t index) { return &kernels[index - 1]; }

#else

enum { KERNELS = 1 };

#endif

uint32_t nnq_kernels(void) { return KERNELS; }

const char *nnq_kernel_name(uint32_t kernel) {
  if (kernel == 0) return "scalar";
#if defined(NNQ_SIMD_KERNELS)
  if (kernel < KERNELS) return nnq_kernel_at(kernel)->name;
#endif
  return "unknown";
}

int nnq_kernel_is_available(uint32_t kernel) {
#if defined(NNQ_SIMD_KERNELS)
  if (kernel > 0 && kernel < KERNELS) return nnq_kernel_at(kernel)->is_available();
#endif
  return kernel == 0;
}

uint32_t nnq_best_kernel(void) {
  uint32_t kernel = KERNELS - 1;
  while (!nnq_kernel_is_available(kernel)) {
    kernel--;
  }
  return kernel;
}

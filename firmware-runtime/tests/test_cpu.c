/* SPDX-License-Identifier: Apache-2.0 */

/* The choice of a kernel, made on CPUs that this one is not: the source is compiled a second time,
 * under other names, with answers of the cpuid instruction that a test sets. */

#include "check.h"

#include "../src/kernels.h"

#if defined(NNQ_X86_KERNELS)

/* <cpuid.h> of clang and of gcc is taken as included. */
#define __CPUID_H
#define _CPUID_H_INCLUDED

enum { LEAF_1, LEAF_7_0, LEAF_7_1, LEAVES };

/* What a CPU answers in eax, ebx and ecx, and whether it knows the leaf. */
static struct {
  int is_known;
  uint32_t a, b, c;
} leaves[LEAVES];

static int __get_cpuid_count(uint32_t leaf, uint32_t subleaf, uint32_t *a, uint32_t *b, uint32_t *c,
                             uint32_t *d) {
  int index = leaf == 1 ? LEAF_1 : subleaf == 0 ? LEAF_7_0 : LEAF_7_1;
  CHECK(leaf == 1 ? subleaf == 0 : leaf == 7 && subleaf <= 1);
  *a = leaves[index].a;
  *b = leaves[index].b;
  *c = leaves[index].c;
  *d = 0;
  return leaves[index].is_known;
}

static int __get_cpuid(uint32_t leaf, uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
  return __get_cpuid_count(leaf, 0, a, b, c, d);
}

#define nnq_kernel_at other_kernel_at
#define nnq_kernels other_kernels
#define nnq_kernel_name other_kernel_name
#define nnq_kernel_is_available other_kernel_is_available
#define nnq_best_kernel other_best_kernel

const nnq_kernel *nnq_kernel_at(uint32_t index);
uint32_t nnq_kernels(void);
const char *nnq_kernel_name(uint32_t kernel);
int nnq_kernel_is_available(uint32_t kernel);
uint32_t nnq_best_kernel(void);

#include "../src/kernels.c"

/* A CPU that has all that the kernels want. */
static void set_all(void) {
  for (int i = 0; i < LEAVES; i++) leaves[i].is_known = 1;
  leaves[LEAF_1].c = UINT32_C(1) << 27;
  leaves[LEAF_7_0].b = UINT32_C(1) << 5 | UINT32_C(3) << 16 | UINT32_C(3) << 30;
  leaves[LEAF_7_0].c = UINT32_C(1) << 11;
  leaves[LEAF_7_1].a = UINT32_C(1) << 4;
}

static void expect(int avx2, int avxvnni, int avx512vnni) {
  CHECK_EQUAL(nnq_kernel_is_available(1), avx2);
  CHECK_EQUAL(nnq_kernel_is_available(2), avxvnni);
  CHECK_EQUAL(nnq_kernel_is_available(3), avx512vnni);
  CHECK_EQUAL(nnq_best_kernel(), avx512vnni ? 3 : avxvnni ? 2 : avx2 ? 1 : 0);
}

/* The registers that the system saves are those of this machine; the tests of the rest need all. */
static int saves_all(void) {
  uint32_t a, d;
  __asm__ volatile("xgetbv" : "=a"(a), "=d"(d) : "c"(0));
  return (a & 0xE6) == 0xE6;
}

void test_cpu(void) {
  set_all();
  leaves[LEAF_1].is_known = 0;
  expect(0, 0, 0);
  set_all();
  leaves[LEAF_1].c = ~(UINT32_C(1) << 27);
  expect(0, 0, 0);
  set_all();
  if (__builtin_cpu_supports("avx2") && saves_all()) {
    expect(1, 1, 1);
    leaves[LEAF_7_0].is_known = 0;
    expect(0, 0, 0);
    set_all();
    leaves[LEAF_7_1].is_known = 0;
    expect(1, 0, 1);
    leaves[LEAF_7_1].is_known = 1;
    leaves[LEAF_7_1].a = ~(UINT32_C(1) << 4);
    expect(1, 0, 1);
    /* Each bit of leaf 7.0 alone. */
    static const int bits[5] = {5, 16, 17, 30, 31};
    for (int i = 0; i < 5; i++) {
      set_all();
      leaves[LEAF_7_0].b = ~(UINT32_C(1) << bits[i]);
      expect(i > 0, i > 0, i == 0);
    }
    set_all();
    leaves[LEAF_7_0].c = ~(UINT32_C(1) << 11);
    expect(1, 1, 0);
  }
}

#else

void test_cpu(void) {}

#endif

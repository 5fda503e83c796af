/* SPDX-License-Identifier: Apache-2.0 */

/* A plugin of QEMU that counts the instructions which run between two functions: exactly, each time
 * that they do. Arguments: begin=ADDRESS,end=ADDRESS, in hexadecimal, of count_begin() and
 * count_end(). At the end it writes the number of stretches, the fewest and the most instructions of
 * one; the return from count_begin() and the call of count_end() are taken off.
 *
 * Distributions ship QEMU without the header of its plugins, so what is used of version 1 of that
 * interface is declared here. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORTED __attribute__((visibility("default")))

typedef uint64_t plugin_id;
struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum { NO_REGISTERS = 0, ADD_U64 = 0 };

size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *instruction);
void qemu_plugin_register_vcpu_tb_trans_cb(plugin_id id,
                                           void (*call)(plugin_id, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
                                            void (*call)(unsigned, void *), int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int operation,
                                                void *number, uint64_t amount);
void qemu_plugin_register_atexit_cb(plugin_id id, void (*call)(plugin_id, void *), void *data);

EXPORTED int qemu_plugin_version = 1;
EXPORTED int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments);

static uint64_t begin, end;
static uint64_t total, started, fewest = UINT64_MAX, most, stretches;

/* Both run before the first instruction of their function. */

static void at_begin(unsigned cpu, void *data) {
  (void)cpu, (void)data;
  started = total;
}

static void at_end(unsigned cpu, void *data) {
  (void)cpu, (void)data;
  uint64_t passed = total - started - 2;
  if (passed < fewest) fewest = passed;
  if (passed > most) most = passed;
  stretches++;
}

static void translated(plugin_id id, struct qemu_plugin_tb *block) {
  (void)id;
  size_t count = qemu_plugin_tb_n_insns(block);
  for (size_t i = 0; i < count; i++) {
    struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(block, i);
    uint64_t address = qemu_plugin_insn_vaddr(instruction);
    if (address == begin) {
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_begin, NO_REGISTERS, NULL);
    }
    if (address == end) {
      qemu_plugin_register_vcpu_insn_exec_cb(instruction, at_end, NO_REGISTERS, NULL);
    }
    qemu_plugin_register_vcpu_insn_exec_inline(instruction, ADD_U64, &total, 1);
  }
}

static void finished(plugin_id id, void *data) {
  (void)id, (void)data;
  printf("stretches %llu\ninstructions %llu\nmost_instructions %llu\n",
         (unsigned long long)stretches, (unsigned long long)(stretches ? fewest : 0),
         (unsigned long long)most);
  fflush(stdout);
}

int qemu_plugin_install(plugin_id id, const void *info, int count, char **arguments) {
  (void)info;
  for (int i = 0; i < count; i++) {
    if (strncmp(arguments[i], "begin=", 6) == 0) begin = strtoull(arguments[i] + 6, NULL, 16);
    if (strncmp(arguments[i], "end=", 4) == 0) end = strtoull(arguments[i] + 4, NULL, 16);
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, finished, NULL);
  return 0;
}

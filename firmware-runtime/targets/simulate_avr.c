/* SPDX-License-Identifier: Apache-2.0 */

/* Runs a program for an ATmega2560 in simavr and counts instructions and clock cycles between two of
 * its functions: simulate_avr PROGRAM.elf BEGIN END, the addresses in hexadecimal. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>

static void print(struct avr_irq_t *irq, uint32_t value, void *context) {
  (void)irq, (void)context;
  putchar((int)value);
}

int main(int count, char **arguments) {
  if (count != 4) return 2;
  static elf_firmware_t program;
  if (elf_read_firmware(arguments[1], &program) != 0) return 1;
  uint64_t begin = strtoull(arguments[2], NULL, 16);
  uint64_t end = strtoull(arguments[3], NULL, 16);
  avr_t *avr = avr_make_mcu_by_name("atmega2560");
  if (!avr) return 1;
  avr_init(avr);
  avr->frequency = 16000000;
  avr_load_firmware(avr, &program);
  uint32_t flags = 0;
  avr_ioctl(avr, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  flags &= ~(uint32_t)AVR_UART_FLAG_STDIO;
  avr_ioctl(avr, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), print,
                          NULL);

  uint64_t total = 0, started = 0, fewest = UINT64_MAX, most = 0, stretches = 0;
  uint64_t cycle = 0, fewest_cycles = UINT64_MAX, most_cycles = 0;
  int state = cpu_Running;
  while (state != cpu_Done && state != cpu_Crashed) {
    if (avr->pc == begin) {
      started = total;
      cycle = avr->cycle;
    }
    if (avr->pc == end) { /* less a return and a call, of 5 cycles each */
      uint64_t passed = total - started - 2;
      uint64_t cycles = avr->cycle - cycle - 10;
      if (passed < fewest) fewest = passed;
      if (passed > most) most = passed;
      if (cycles < fewest_cycles) fewest_cycles = cycles;
      if (cycles > most_cycles) most_cycles = cycles;
      stretches++;
    }
    total++;
    state = avr_run(avr);
  }
  printf("stretches %llu\ninstructions %llu\nmost_instructions %llu\ncycles %llu\nmost_cycles %llu\n",
         (unsigned long long)stretches, (unsigned long long)(stretches ? fewest : 0),
         (unsigned long long)most, (unsigned long long)(stretches ? fewest_cycles : 0),
         (unsigned long long)most_cycles);
  return state == cpu_Crashed;
}

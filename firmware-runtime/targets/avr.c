/* SPDX-License-Identifier: Apache-2.0 */

/* Output of an ATmega2560 through its first serial port, which simulate_avr.c prints. A sleep with
 * interrupts off ends the simulation. */

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

#include "machine.h"
#include "number.h"

extern uint8_t _end; /* where the static data end, by the linker script of avr-libc */

static void put(const char *text) {
  for (; *text; text++) {
    while (!(UCSR0A & (1 << UDRE0))) {
    }
    UDR0 = (uint8_t)*text;
  }
}

__attribute__((constructor)) static void open_port(void) { UCSR0B = 1 << TXEN0; }

/* What main() returned cannot be told from here: a run without a digest failed. */
__attribute__((destructor)) static void stop(void) {
  cli();
  sleep_enable();
  sleep_cpu();
}

void machine_print(const char *key, uint32_t number) {
  char text[12];
  put(key);
  put(" ");
  put(number_text(text, number));
}

/* ---- Stack ---- */

enum { PAINT = 0xA5 };

void machine_stack_paint(uint32_t here) {
  volatile uint8_t *end = (uint8_t *)(uint16_t)(here - MACHINE_STACK_MARGIN);
  for (volatile uint8_t *byte = &_end; byte < end; byte++) *byte = PAINT;
}

uint32_t machine_stack_used(uint32_t here) {
  const uint8_t *end = (uint8_t *)(uint16_t)(here - MACHINE_STACK_MARGIN);
  const uint8_t *byte = &_end;
  while (byte < end && *byte == PAINT) byte++;
  return here - (uint16_t)(uintptr_t)byte;
}

/* SPDX-License-Identifier: Apache-2.0 */

#ifndef NNQ_NUMBER_H
#define NNQ_NUMBER_H

#include <stdint.h>

/* Writes a number in decimal and a line end; text has room for 12 bytes. Returns where it starts. */
static inline const char *number_text(char *text, uint32_t number) {
  char *at = text + 11;
  *at = 0;
  *--at = '\n';
  do {
    *--at = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  return at;
}

#endif

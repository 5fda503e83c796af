/* SPDX-License-Identifier: Apache-2.0 */

#ifndef NNQ_CRC32C_H
#define NNQ_CRC32C_H

#include <stdint.h>

/* Goes on with a CRC-32C (Castagnoli, reflected). The state starts as UINT32_MAX; the checksum is
 * the complement of the last state. */
uint32_t nnq_crc32c(uint32_t state, const uint8_t *bytes, uint32_t count);

#endif

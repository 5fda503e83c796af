/* SPDX-License-Identifier: Apache-2.0 */

#include "nnq.h"
#include "parts.h"

#if NNQ_HAS_STATUS_NAMES

const char *nnq_status_name(nnq_status status) {
  switch (status) {
    case NNQ_OK: return "ok";
    case NNQ_ERROR_NULL: return "null";
    case NNQ_ERROR_ALIGNMENT: return "alignment";
    case NNQ_ERROR_ARENA: return "arena";
    case NNQ_ERROR_UNDEFINED: return "undefined";
    case NNQ_ERROR_MISMATCH: return "mismatch";
    case NNQ_ERROR_KERNEL: return "kernel";
    case NNQ_ERROR_PACKED: return "packed";
    case NNQ_ERROR_SIGNATURE: return "signature";
    case NNQ_ERROR_MEMORY: return "memory";
    case NNQ_ERROR_SIZE: return "size";
    case NNQ_ERROR_MAGIC: return "magic";
    case NNQ_ERROR_FORM: return "form";
    case NNQ_ERROR_VERSION: return "version";
    case NNQ_ERROR_FLAGS: return "flags";
    case NNQ_ERROR_CRC: return "crc";
    case NNQ_ERROR_SECTION_ORDER: return "section-order";
    case NNQ_ERROR_SECTION_UNKNOWN: return "section-unknown";
    case NNQ_ERROR_SECTION_MISSING: return "section-missing";
    case NNQ_ERROR_SECTION_EXTRA: return "section-extra";
    case NNQ_ERROR_LENGTH: return "length";
    case NNQ_ERROR_RESERVED: return "reserved";
    case NNQ_ERROR_DIMENSION: return "dimension";
    case NNQ_ERROR_OPERATION: return "operation";
    case NNQ_ERROR_BITS: return "bits";
    case NNQ_ERROR_ACTIVATION: return "activation";
    case NNQ_ERROR_TABLE: return "table";
    case NNQ_ERROR_ZERO_POINT: return "zero-point";
    case NNQ_ERROR_CLAMP: return "clamp";
    case NNQ_ERROR_BIAS: return "bias";
    case NNQ_ERROR_MULTIPLIER: return "multiplier";
    case NNQ_ERROR_SHIFT: return "shift";
    case NNQ_ERROR_WEIGHT: return "weight";
    case NNQ_ERROR_ACCUMULATOR: return "accumulator";
    case NNQ_ERROR_TASK: return "task";
    case NNQ_ERROR_PROBABILITY: return "probability";
    case NNQ_ERROR_THRESHOLD: return "threshold";
    case NNQ_ERROR_ORIGIN: return "origin";
    case NNQ_ERROR_EXPONENT: return "exponent";
    case NNQ_ERROR_COUNTS: return "counts";
    case NNQ_ERROR_SELFTEST: return "selftest";
    case NNQ_ERROR_SOURCE: return "source";
    case NNQ_ERROR_GAIN: return "gain";
    case NNQ_ERROR_EPSILON: return "epsilon";
    case NNQ_ERROR_LEFT_OUT: return "left-out";
    case NNQ_ERROR_LAYOUT: return "layout";
  }
  return "unknown";
}

#else

const char *nnq_status_name(nnq_status status) {
  (void)status;
  return "unknown";
}

#endif

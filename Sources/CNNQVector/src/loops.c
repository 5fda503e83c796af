// SPDX-License-Identifier: Apache-2.0
/* Plain loops over rows that a compiler turns into vectors of each width. */
#include "cpu.h"
#include "nnq_vector.h"

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

#if defined(NNQ_X86)
#define NNQ_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define NNQ_CLONES
#endif

NNQ_CLONES
void nnq_column_extremes(const float *restrict values, size_t rows, size_t columns,
                         float *restrict least, float *restrict greatest) {
  for (size_t row = 0; row < rows; row++, values += columns) {
    for (size_t column = 0; column < columns; column++) {
      const float value = values[column];
      least[column] = value < least[column] ? value : least[column];
      greatest[column] = value > greatest[column] ? value : greatest[column];
    }
  }
}

NNQ_CLONES
void nnq_input_codes(const float *restrict readings, size_t rows, size_t columns,
                     const double *restrict offsets, const double *restrict inverses,
                     const int32_t *restrict zero_points, int32_t lowest, int32_t highest,
                     int16_t *restrict codes) {
  for (size_t row = 0; row < rows; row++, readings += columns, codes += columns) {
    for (size_t column = 0; column < columns; column++) {
      const double low = (double)(lowest - zero_points[column]);
      const double high = (double)(highest - zero_points[column]);
      const double scaled = ((double)readings[column] - offsets[column]) * inverses[column] + 0.5;
      const double above = scaled > low ? scaled : low;
      const double clamped = above < high ? above : high;
      const int32_t whole = (int32_t)clamped;
      codes[column] = (int16_t)(zero_points[column] + whole - (whole > clamped));
    }
  }
}

NNQ_CLONES
void nnq_requantize(const int32_t *restrict sums, size_t rows, size_t columns,
                    const int32_t *restrict bias, const int32_t *restrict multipliers,
                    const int64_t *restrict shifts, int64_t zero_point, int64_t lowest,
                    int64_t highest, int16_t *restrict codes) {
  for (size_t row = 0; row < rows; row++, sums += columns, codes += columns) {
    for (size_t column = 0; column < columns; column++) {
      const int32_t sum = (int32_t)((uint32_t)bias[column] + (uint32_t)sums[column]);
      const int64_t shift = shifts[column] & 63;
      const int64_t product = (int64_t)sum * multipliers[column];
      const int64_t code = zero_point + ((product + ((INT64_C(1) << shift) >> 1)) >> shift);
      const int64_t above = code > lowest ? code : lowest;
      codes[column] = (int16_t)(above < highest ? above : highest);
    }
  }
}

NNQ_CLONES
void nnq_signal_and_noise(const float *restrict exact, const int16_t *restrict codes, size_t rows,
                          size_t columns, double scale, int32_t zero_point,
                          const double *restrict first, double *restrict means,
                          double *restrict signals, double *restrict noises) {
  const float *values = exact;
  for (size_t row = 0; row < rows; row++, values += columns) {
    for (size_t column = 0; column < columns; column++) {
      means[column] += values[column] - first[column];
    }
  }
  for (size_t column = 0; column < columns; column++) means[column] /= (double)rows;
  for (size_t row = 0; row < rows; row++, exact += columns, codes += columns) {
    for (size_t column = 0; column < columns; column++) {
      const double value = exact[column];
      const double distance = (value - first[column]) - means[column];
      const double error = value - scale * (codes[column] - zero_point);
      signals[column] += distance * distance;
      noises[column] += error * error;
    }
  }
}

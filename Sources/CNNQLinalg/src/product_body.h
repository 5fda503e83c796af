// SPDX-License-Identifier: Apache-2.0
/* The product of matrices in a fixed order of summation.
 *
 * A panel of b is packed at a time; four rows of c by two vectors stay in registers while k runs. A
 * vector of 64 bytes is one, two or four registers of the CPU: its lanes are different elements of
 * c, so the width changes no sum. */

typedef REAL NAME(lanes) __attribute__((vector_size(64)));

enum { NAME(LANES) = 64 / sizeof(REAL), NAME(PANEL) = 2 * NAME(LANES), NAME(DEPTH) = 256, NAME(ROWS) = 4 };

/* `used` columns of depth rows of b from (k0, j0), the rest of the panel 0. */
INLINE void NAME(pack)(const REAL *b, size_t ldb, int transposed, size_t k0, size_t depth, size_t j0,
                       size_t used, REAL *panel) {
  for (size_t k = 0; k < depth; k++) {
    REAL *row = panel + k * NAME(PANEL);
    if (transposed) {
      for (size_t j = 0; j < used; j++) row[j] = b[(j0 + j) * ldb + k0 + k];
    } else {
      memcpy(row, b + (k0 + k) * ldb + j0, used * sizeof(REAL));
    }
    for (size_t j = used; j < NAME(PANEL); j++) row[j] = 0;
  }
}

/* Adds depth products to four rows of sums. */
INLINE void NAME(tile)(const REAL *const a[4], size_t a_step, const REAL *panel, size_t depth,
                       REAL sums[4][NAME(PANEL)]) {
  NAME(lanes) s[4][2];
  memcpy(s, sums, sizeof s);
  for (size_t k = 0; k < depth; k++) {
    NAME(lanes) b[2];
    memcpy(b, panel + k * NAME(PANEL), sizeof b);
    for (int r = 0; r < 4; r++) {
      const REAL factor = a[r][k * a_step];
      s[r][0] += factor * b[0];
      s[r][1] += factor * b[1];
    }
  }
  memcpy(sums, s, sizeof s);
}

WIDE void NAME(nnq_product)(const REAL *a, size_t lda, int a_transposed, const REAL *b, size_t ldb,
                            int b_transposed, REAL *c, size_t ldc, size_t m, size_t n, size_t k,
                            int accumulate) {
  REAL panel[NAME(DEPTH) * NAME(PANEL)];
  const size_t a_row = a_transposed ? 1 : lda;
  const size_t a_step = a_transposed ? lda : 1;
  if (k == 0 && !accumulate) {
    for (size_t i = 0; i < m; i++) memset(c + i * ldc, 0, n * sizeof(REAL));
  }
  for (size_t j0 = 0; j0 < n; j0 += NAME(PANEL)) {
    const size_t used = n - j0 < NAME(PANEL) ? n - j0 : NAME(PANEL);
    for (size_t k0 = 0; k0 < k; k0 += NAME(DEPTH)) {
      const size_t depth = k - k0 < NAME(DEPTH) ? k - k0 : NAME(DEPTH);
      NAME(pack)(b, ldb, b_transposed, k0, depth, j0, used, panel);
      for (size_t i0 = 0; i0 < m; i0 += NAME(ROWS)) {
        REAL sums[4][NAME(PANEL)] = {{0}};
        const REAL *rows[4];
        const size_t height = m - i0 < NAME(ROWS) ? m - i0 : NAME(ROWS);
        for (size_t r = 0; r < NAME(ROWS); r++) {
          /* A row past the end repeats the last one and is not stored. */
          rows[r] = a + (i0 + (r < height ? r : height - 1)) * a_row + k0 * a_step;
        }
        if (accumulate || k0 > 0) {
          for (size_t r = 0; r < height; r++) {
            memcpy(sums[r], c + (i0 + r) * ldc + j0, used * sizeof(REAL));
          }
        }
        NAME(tile)(rows, a_step, panel, depth, sums);
        for (size_t r = 0; r < height; r++) {
          memcpy(c + (i0 + r) * ldc + j0, sums[r], used * sizeof(REAL));
        }
      }
    }
  }
}

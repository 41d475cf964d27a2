/* Walks the rows of a loop nest over two strided operands. A row is the innermost level; the kernel
 * loops over it itself. Levels that a nest does not need have size 1.
 */
#ifndef FW_ROWS_H
#define FW_ROWS_H

#include <stdint.h>

#define FW_LEVELS 6

/* Where the walk is: the index in each level but the innermost, and the row's start in a and b. */
typedef struct {
  int32_t index[FW_LEVELS - 1];
  int32_t a, b;
} fw_rows;

/* Moves on to the next row, like an odometer. Returns 0 after the last one. */
static inline int fw_next_row(fw_rows* rows, const int32_t size[FW_LEVELS],
                              const int32_t a_stride[FW_LEVELS],
                              const int32_t b_stride[FW_LEVELS]) {
  for (int32_t level = FW_LEVELS - 2; level >= 0; level--) {
    rows->a += a_stride[level];
    rows->b += b_stride[level];
    if (++rows->index[level] < size[level]) return 1;
    rows->index[level] = 0;
    rows->a -= size[level] * a_stride[level];
    rows->b -= size[level] * b_stride[level];
  }
  return 0;
}

#endif

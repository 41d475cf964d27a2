/* Pairs of elements of two tensors with broadcasting: parameters of functions of two operands,
 * whose loops are in pair_rows.h.
 */
#ifndef FW_PAIRS_H
#define FW_PAIRS_H

#include <stdint.h>

#include "clamp_float.h"
#include "requantize.h"
#include "rows.h"

typedef struct {
  int32_t size[FW_LEVELS]; /* of the output, outermost first */
  int32_t input1_stride[FW_LEVELS], input2_stride[FW_LEVELS];
} fw_pairs;

typedef struct {
  int32_t size[FW_LEVELS]; /* of the output, outermost first */
  int32_t input1_stride[FW_LEVELS], input2_stride[FW_LEVELS];
  int32_t low, high; /* the least and the greatest output */
} fw_clamped_pairs;

typedef struct {
  int32_t size[FW_LEVELS]; /* of the output, outermost first */
  int32_t input1_stride[FW_LEVELS], input2_stride[FW_LEVELS];
  int32_t holds; /* see FW_COMPARED */
} fw_compared_pairs;

/* 1 or 0: bit 0 of `holds` if a < b, bit 1 if they are equal, bit 2 if a > b, bit 3 if one is no
 * number. */
#define FW_COMPARED(holds, a, b) \
  ((uint8_t)((holds) >> ((a) < (b) ? 0 : (a) == (b) ? 1 : (a) > (b) ? 2 : 3) & 1))

#endif

/* Integers in another scale and zero point, for MVE: zp_out + requantize(in - zp_in). No number on
 * the way leaves 32 bits, as the build has proven. Rounding as mve_requantize.h says: what is
 * shifted to the right is mended where it is below zero.
 */
#ifndef FW_MVE_REQUANTIZE_ELEMENTS_H
#define FW_MVE_REQUANTIZE_ELEMENTS_H

#include <stdint.h>

#include "mve_required.h"

typedef struct {
  int32_t elements;
  int32_t input_zero_point;
  int32_t left; /* shift before the multiplication, 0 or more */
  int32_t multiplier;
  int32_t right; /* shift after it, 0 or less */
  int32_t output_zero_point;
} fw_requantize_elements_params;

#define FW_REQUANTIZE_ELEMENTS(x) \
  "vsub.i32 " x ", " x            \
  ", %[from]\n"                   \
  "vshl.s32 " x                   \
  ", %[left]\n"                   \
  "vqrdmulh.s32 " x ", " x        \
  ", %[multiplier]\n"             \
  "vqdmlah.s32 " x ", " x         \
  ", %[away]\n"                   \
  "vrshl.s32 " x                  \
  ", %[right]\n"                  \
  "vadd.i32 " x ", " x ", %[to]\n"

#define FW_REQUANTIZE_OPERANDS                                                           \
  [from] "h"(p->input_zero_point), [left] "h"(p->left), [multiplier] "h"(p->multiplier), \
      [away] "h"(away), [right] "h"(p->right), [to] "r"(p->output_zero_point)

#endif

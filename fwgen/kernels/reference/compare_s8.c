/* out = whether in1 is less than, equal to or greater than in2, as p->holds says: both as multiples
 * of 2^-8, two requantizations per output.
 */
#include "compare_s8.h"

static inline uint8_t fw_compared(const fw_compare_s8_params* p, int32_t in1, int32_t in2) {
  const int32_t a =
      fw_scale_operand(in1, p->input1_zero_point, p->input1_multiplier, p->input1_shift, 8);
  const int32_t b =
      fw_scale_operand(in2, p->input2_zero_point, p->input2_multiplier, p->input2_shift, 8);
  return FW_COMPARED(p->holds, a, b);
}

void fw_compare_s8(const fw_compare_s8_params* p, const int8_t* input1, const int8_t* input2,
                   uint8_t* output) {
#define FW_OF(a, b) fw_compared(p, a, b)
#include "pair_rows.h"
}

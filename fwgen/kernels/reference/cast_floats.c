/* out[i] = in[i] truncated toward zero. What does not fit saturates, and a NaN becomes 0: C leaves
 * both open. A boolean says whether in[i] is not 0, which a NaN is not.
 */
#include "cast_floats.h"

static uint32_t truncated(float value, int32_t bits, int32_t is_signed) {
  const float high = (float)(UINT32_C(1) << (bits - is_signed - 1)) * 2.0f; /* the first too high */
  const float low = is_signed ? -high : 0.0f;
  const uint32_t most = UINT32_MAX >> (32 - bits + is_signed);
  if (!(value > low)) return is_signed && value == value ? ~most : 0u;
  if (value >= high) return most;
  return is_signed ? (uint32_t)(int32_t)value : (uint32_t)value;
}

void fw_cast_floats(const fw_cast_params* p, const void* input, void* output) {
  const float* floats = input;
  for (int32_t i = 0; i < p->elements; i++) {
    const uint32_t value = p->to_bool ? floats[i] != 0.0f
                                      : truncated(floats[i], 8 * p->output_bytes, p->output_signed);
    fw_cast_store(output, i, p->output_bytes, value);
  }
}

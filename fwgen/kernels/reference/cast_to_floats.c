/* out[i] = (float)in[i], rounded to the nearest, to even where two are as near. */
#include "cast_to_floats.h"

void fw_cast_to_floats(const fw_cast_params* p, const void* input, void* output) {
  float* floats = output;
  for (int32_t i = 0; i < p->elements; i++) {
    const uint32_t value = fw_cast_load(input, i, p->input_bytes, p->input_signed);
    floats[i] = p->input_signed ? (float)(int32_t)value : (float)value;
  }
}

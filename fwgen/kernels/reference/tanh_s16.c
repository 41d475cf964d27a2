/* Arithmetic: sigmoid_s16.h. Some 20 instructions per element. */
#include "tanh_s16.h"

#include "sigmoid_s16.h"

void fw_tanh_s16(const uint16_t* table, const int16_t* input, int16_t* output, int32_t count,
                 int32_t multiplier, int32_t right) {
  for (int32_t i = 0; i < count; i++) {
    output[i] = fw_tanh_of(table, fw_sigmoid_scaled(input[i], multiplier, right));
  }
}

/* A product of two int16, rescaled and saturated: some 20 instructions per element. */
#include "lstm_hidden_s8.h"

#include "requantize.h"

void fw_lstm_hidden_s8(const int16_t* cell, const int16_t* output_gate, int8_t* hidden,
                       int32_t count, int32_t multiplier, int32_t shift, int32_t zero_point) {
  for (int32_t i = 0; i < count; i++) {
    const int32_t product = fw_requantize(cell[i] * output_gate[i], multiplier, shift);
    hidden[i] =
        (int8_t)(fw_clamp(product, INT8_MIN - zero_point, INT8_MAX - zero_point) + zero_point);
  }
}

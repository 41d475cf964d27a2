/* The hidden state of an LSTM after a step, int16: reference variant. */
#ifndef FW_LSTM_HIDDEN_S16_H
#define FW_LSTM_HIDDEN_S16_H

#include <stdint.h>

/* hidden[i] = saturate(zero_point + cell[i] * output_gate[i] * 2^(shift - 31) * multiplier). cell
 * holds the hyperbolic tangents of the cell state. */
void fw_lstm_hidden_s16(const int16_t* cell, const int16_t* output_gate, int16_t* hidden,
                        int32_t count, int32_t multiplier, int32_t shift, int32_t zero_point);

#endif

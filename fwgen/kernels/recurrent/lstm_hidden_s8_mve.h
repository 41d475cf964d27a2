/* The hidden state of an LSTM after a step, int8, with MVE. */
#ifndef FW_LSTM_HIDDEN_S8_MVE_H
#define FW_LSTM_HIDDEN_S8_MVE_H

#include <stdint.h>

/* As fw_lstm_hidden_s8, for shifts below 0. */
void fw_lstm_hidden_s8_mve(const int16_t* cell, const int16_t* output_gate, int8_t* hidden,
                           int32_t count, int32_t multiplier, int32_t shift, int32_t zero_point);

#endif

/* The cell state of an LSTM after a step, with MVE. */
#ifndef FW_LSTM_CELL_S16_MVE_H
#define FW_LSTM_CELL_S16_MVE_H

#include "lstm_cell_s16.h"

/* As fw_lstm_cell_s16, for shifts below 0. */
void fw_lstm_cell_s16_mve(const fw_lstm_cell_s16_params* p, const int16_t* input_gate,
                          const int16_t* forget_gate, const int16_t* cell_gate, int16_t* cell);

#endif

/* The cell state of an LSTM after a step: reference variant. */
#ifndef FW_LSTM_CELL_S16_H
#define FW_LSTM_CELL_S16_H

#include <stdint.h>

typedef struct {
  int32_t count;
  int32_t kept_multiplier, kept_shift; /* of forget gate * cell state */
  int32_t new_multiplier, new_shift;   /* of input gate * cell gate */
  int32_t least, most;                 /* of a cell state: a clip, or those of int16 */
} fw_lstm_cell_s16_params;

/* All are of count elements; cell is what it was before the step, and becomes what it is after. */
void fw_lstm_cell_s16(const fw_lstm_cell_s16_params* p, const int16_t* input_gate,
                      const int16_t* forget_gate, const int16_t* cell_gate, int16_t* cell);

#endif

/* The state and a frame, one after the other: the first samples are the output, the last ones the
 * new state. About 20 instructions per sample.
 */
#include "signal_delay_s16.h"

void fw_signal_delay_s16(const int16_t* input, int16_t* state, int16_t* output, int32_t rows,
                         int32_t size, int32_t delay) {
  for (int32_t r = 0; r < rows; r++) {
    for (int32_t i = 0; i < size; i++) output[i] = i < delay ? state[i] : input[i - delay];
    for (int32_t i = 0; i < delay; i++) {
      state[i] = i + size < delay ? state[i + size] : input[i + size - delay];
    }
    input += size;
    output += size;
    state += delay;
  }
}

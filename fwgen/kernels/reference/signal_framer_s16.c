/* A frame is the first samples of those that were kept and the new ones behind them, of which the
 * last are kept. About 15 instructions per sample of a frame.
 */
#include "signal_framer_s16.h"

void fw_signal_framer_s16(const fw_signal_framer_params* p, const int16_t* input, int16_t* state,
                          int16_t* output, uint8_t* valid) {
  const int32_t kept = p->kept, step = p->step;
  int16_t* seen = state + p->rows * kept;
  for (int32_t r = 0; r < p->rows; r++, state += kept) {
    for (int32_t f = 0; f < p->frames; f++, input += step) {
      const int32_t whole = *seen + f >= p->late;
      for (int32_t i = 0; i < p->size; i++) {
        const int16_t sample = i < kept ? state[i] : input[i - kept];
        *output++ = whole ? sample : 0;
      }
      for (int32_t i = 0; i < kept; i++) {
        state[i] = i + step < kept ? state[i + step] : input[i + step - kept];
      }
    }
  }
  *valid = *seen >= p->late;
  const int32_t frames = *seen + p->frames;
  *seen = (int16_t)(frames < p->late ? frames : p->late);
}

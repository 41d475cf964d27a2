/* An output is the frames before and the new one, where enough came since the output before. About
 * 15 instructions per number of the output.
 */
#include "signal_stacker_s16.h"

void fw_signal_stacker_s16(const fw_signal_stacker_params* p, const int16_t* input, int16_t* state,
                           int16_t* output, uint8_t* valid) {
  const int32_t channels = p->channels, kept = (p->width - 1) * channels;
  int16_t* waiting = state + kept;
  if (*waiting == 0) { /* the first frame is also those before it */
    for (int32_t i = 0; i < kept; i++) state[i] = i < channels ? input[i] : state[i - channels];
    *waiting = (int16_t)(p->left + 1);
  }
  *valid = *waiting == p->width;
  for (int32_t i = 0; i < kept + channels; i++) {
    const int16_t number = i < kept ? state[i] : input[i - kept];
    output[i] = *valid ? number : 0;
  }
  for (int32_t i = 0; i < kept; i++) {
    state[i] = i + channels < kept ? state[i + channels] : input[i + channels - kept];
  }
  *waiting = (int16_t)(*waiting + 1 - (*valid ? p->step : 0));
}

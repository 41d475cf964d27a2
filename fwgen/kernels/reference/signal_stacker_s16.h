/* Frames of channels beside those before and after: reference variant. */
#ifndef FW_SIGNAL_STACKER_S16_H
#define FW_SIGNAL_STACKER_S16_H

#include <stdint.h>

typedef struct {
  int32_t channels;
  int32_t width; /* frames of an output */
  int32_t left;  /* copies that precede the first frame, less than width */
  int32_t step;  /* frames from an output to the next, at most width */
} fw_signal_stacker_params;

/* input (channels), output (width, channels). The state is the frames before (width - 1, channels),
 * then 0 at first and later 1 more than how many of them the next output takes. valid is 1 if that
 * is all of them; otherwise the output is zeros. */
void fw_signal_stacker_s16(const fw_signal_stacker_params* p, const int16_t* input, int16_t* state,
                           int16_t* output, uint8_t* valid);

#endif

/* Frames of a stream of samples: reference variant. */
#ifndef FW_SIGNAL_FRAMER_S16_H
#define FW_SIGNAL_FRAMER_S16_H

#include <stdint.h>

typedef struct {
  int32_t rows;   /* streams beside each other */
  int32_t frames; /* of a row that each call makes */
  int32_t size;   /* of a frame, at most kept + step */
  int32_t step;   /* samples from the beginning of a frame to that of the next */
  int32_t kept;   /* samples of a row that wait for the next frame */
  int32_t late;   /* frames at first that lack samples */
} fw_signal_framer_params;

/* input (rows, frames * step), output (rows, frames, size). The state is samples (rows, kept), then
 * how many frames there were, up to `late`. valid is 1 if no frame lacks samples; such a frame is
 * zeros. */
void fw_signal_framer_s16(const fw_signal_framer_params* p, const int16_t* input, int16_t* state,
                          int16_t* output, uint8_t* valid);

#endif

/* overlap_add_frames.h on int16 samples, whose sums are saturated. */
#include "signal_overlap_add_s16.h"

#include "requantize.h"

void fw_signal_overlap_add_s16(const int16_t* input, int16_t* state, int16_t* output, int32_t rows,
                               int32_t frames, int32_t size, int32_t step) {
#define FW_SUM(a, b) (int16_t)fw_clamp((a) + (b), INT16_MIN, INT16_MAX)
#include "overlap_add_frames.h"
}

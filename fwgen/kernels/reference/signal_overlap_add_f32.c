/* overlap_add_frames.h on float samples. */
#include "signal_overlap_add_f32.h"

void fw_signal_overlap_add_f32(const float* input, float* state, float* output, int32_t rows,
                               int32_t frames, int32_t size, int32_t step) {
#define FW_SUM(a, b) ((a) + (b))
#include "overlap_add_frames.h"
}

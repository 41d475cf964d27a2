/* Depthwise convolution, int8, NHWC, for cores with the DSP extension. */
#ifndef FW_DEPTHWISE_PLANES_S8_DSP_H
#define FW_DEPTHWISE_PLANES_S8_DSP_H

#include "dsp_depthwise.h"

/* input (batches, input_h, input_w, channels), of which up to 3 bytes after the last may be read;
 * records as dsp_depthwise.h has them, of each output channel; kernel: the one for the
 * windows; output (batches, output_h, output_w, channels * multiplier). scratch: a word of 4
 * planes, 16 * FW_PLANE_LINES bytes, for every 2 inputs along the axis. */
void fw_depthwise_planes_s8_dsp(const fw_depthwise_planes_params* p, const int8_t* input,
                                const int32_t* records, fw_depthwise_plane* kernel,
                                uint8_t* scratch, int8_t* output);

#endif

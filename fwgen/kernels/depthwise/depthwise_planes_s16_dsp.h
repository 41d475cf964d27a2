/* Depthwise convolution, int16 with weights of int8, NHWC, for cores with the DSP extension. */
#ifndef FW_DEPTHWISE_PLANES_S16_DSP_H
#define FW_DEPTHWISE_PLANES_S16_DSP_H

#include "dsp_depthwise.h"

/* input (batches, input_h, input_w, channels), of which up to 6 bytes after the last may be read;
 * records as dsp_depthwise.h has them for int16, of each output channel; kernel: the one for the
 * windows; output (batches, output_h, output_w, channels * multiplier). scratch: a word of 4
 * planes, 16 * FW_PLANE_LINES bytes, for every 2 inputs along the axis. */
void fw_depthwise_planes_s16_dsp(const fw_depthwise_planes_params* p, const int16_t* input,
                                 const int32_t* records, fw_depthwise_plane* kernel,
                                 uint8_t* scratch, int16_t* output);

#endif

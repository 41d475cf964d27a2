/* Depthwise convolution, int8, NHWC, for Armv7-M. */
#ifndef FW_DEPTHWISE_PLANES_S8_V7M_H
#define FW_DEPTHWISE_PLANES_S8_V7M_H

#include "v7m_depthwise.h"

/* input (batches, input_h, input_w, channels), of which up to 3 bytes after the last may be read;
 * records as v7m_depthwise.h has them, of each output channel; kernel: the one for the windows;
 * output (batches, output_h, output_w, channels * multiplier). scratch: FW_PLANE_INPUT bytes for
 * every input along the axis. */
void fw_depthwise_planes_s8_v7m(const fw_depthwise_planes_params* p, const int8_t* input,
                                const int32_t* records, fw_depthwise_plane* kernel,
                                uint8_t* scratch, int8_t* output);

#endif

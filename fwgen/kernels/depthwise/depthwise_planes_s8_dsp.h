/* Depthwise convolution, int8, NHWC, for cores with the DSP extension. */
#ifndef FW_DEPTHWISE_PLANES_S8_DSP_H
#define FW_DEPTHWISE_PLANES_S8_DSP_H

#include "dsp_depthwise.h"

typedef struct {
  int32_t batches, channels; /* of the input */
  int32_t input_h, input_w;
  int32_t output_h, output_w;
  int32_t pad_top, pad_left, pad_value;
  int32_t multiplier; /* outputs of a channel */
  int32_t stride_h, stride_w;
  int32_t strip_h, strip_w;   /* outputs from one filling of the planes */
  int32_t inputs_h, inputs_w; /* of their windows */
  int32_t upright;            /* 1: outputs are computed along columns, else along rows */
  int32_t backwards;          /* 1: from the last strip to the first */
  int32_t record_words;
  fw_depthwise_walk walk;
} fw_depthwise_planes_s8_dsp_params;

/* input (batches, input_h, input_w, channels), of which up to 3 bytes after the last may be read;
 * records as dsp_depthwise.h has them, of each output channel; kernel: the one for the
 * windows; output (batches, output_h, output_w, channels * multiplier). scratch: a word of 4
 * planes, 16 * FW_PLANE_LINES bytes, for every 2 inputs along the axis. */
void fw_depthwise_planes_s8_dsp(const fw_depthwise_planes_s8_dsp_params* p, const int8_t* input,
                                const int32_t* records, fw_depthwise_plane* kernel,
                                uint8_t* scratch, int8_t* output);

#endif

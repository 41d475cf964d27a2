/* Depthwise convolution, int8, NHWC, for cores of Armv6-M. */
#ifndef FW_DEPTHWISE_WORDS_S8_V6M_H
#define FW_DEPTHWISE_WORDS_S8_V6M_H

#include "v6m_depthwise.h"
#include "v6m_outputs.h"

/* One of the two axes of an image. */
typedef struct {
  int32_t inputs, outputs;           /* of the image */
  int32_t stride, before;            /* padding before the image */
  int32_t input_bytes, output_bytes; /* from one to the next */
} fw_v6m_axis;

typedef struct {
  int32_t batches, channels;         /* of the input */
  int32_t input_bytes, output_bytes; /* of an image */
  int32_t multiplier;                /* outputs of a channel */
  int32_t pad_value;
  fw_v6m_axis across, along; /* of lines, and in a line */
  int32_t strip;             /* lines of outputs from one filling of the plane */
  int32_t backwards;         /* 1: from the last strip to the first */
  int32_t lines, line;       /* of inputs of a strip; words of each */
  int32_t rows, row_sums;    /* in which sums are computed: lines, or one for all; sums of each */
  int32_t row_skip;          /* bytes from the input after a row's last outputs to the next row */
  int32_t line_sums;         /* from a line's first sum to the next line's */
  int32_t plane_words;       /* with those that are read beyond the last line */
  int32_t threes;            /* of a window */
  int32_t record_words, scale_words; /* of a channel */
} fw_depthwise_words_s8_v6m_params;

/* steps: of each three of a window; records of output channels: the bias, scale_words of
 * v6m_rescale.h, and weights by threes, in bytes. scratch: the plane, a bias and threes of 4 words,
 * sums. */
void fw_depthwise_words_s8_v6m(const fw_depthwise_words_s8_v6m_params* p, const int8_t* input,
                               const int32_t* records, const int32_t* steps,
                               fw_v6m_depthwise* kernel, fw_v6m_rescale* rescale, uint8_t* scratch,
                               int8_t* output);

#endif

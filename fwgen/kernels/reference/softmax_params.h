/* Softmax by a table of exponentials: what the reference variants have in common. */
#ifndef FW_SOFTMAX_PARAMS_H
#define FW_SOFTMAX_PARAMS_H

#include <stdint.h>

typedef struct {
  int32_t rows, depth;
  int32_t entries; /* of the table; the exponential of any larger difference is nothing */
} fw_softmax_params;

#endif

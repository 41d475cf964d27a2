/* What the kernels that dequantize share. */
#ifndef FW_DEQUANTIZE_H
#define FW_DEQUANTIZE_H

#include <stdint.h>

typedef struct {
  int32_t elements;
  int32_t zero_point;
} fw_dequantize_params;

#endif

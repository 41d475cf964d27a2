/* What the casts share: integers of any size, which are told apart for each element. */
#ifndef FW_CAST_H
#define FW_CAST_H

#include <stdint.h>

/* Of a tensor of floats sizes and signs are 0. */
typedef struct {
  int32_t elements;
  int32_t input_bytes, input_signed;
  int32_t output_bytes, output_signed;
  int32_t to_bool; /* 1 where the output is 0 or 1 */
} fw_cast_params;

/* An element, extended to 32 bits by its sign, if it has one. Booleans have none. */
static inline uint32_t fw_cast_load(const void* data, int32_t i, int32_t bytes, int32_t is_signed) {
  if (bytes == 1) {
    const uint8_t value = ((const uint8_t*)data)[i];
    return is_signed ? (uint32_t)(int8_t)value : value;
  }
  if (bytes == 2) return (uint32_t)((const int16_t*)data)[i]; /* there is no uint16 here */
  return ((const uint32_t*)data)[i];
}

/* Keeps the lower bits. */
static inline void fw_cast_store(void* data, int32_t i, int32_t bytes, uint32_t value) {
  if (bytes == 1) {
    ((uint8_t*)data)[i] = (uint8_t)value;
  } else if (bytes == 2) {
    ((uint16_t*)data)[i] = (uint16_t)value;
  } else {
    ((uint32_t*)data)[i] = value;
  }
}

#endif

/* Which inputs of a transposed convolution make an output, along one axis. */
#ifndef FW_SOURCES_H
#define FW_SOURCES_H

#include <stdint.h>

/* The inputs from first to before end whose window of `kernel` positions covers position `at`. */
typedef struct {
  int32_t first, end;
} fw_sources;

static inline fw_sources fw_sources_of(int32_t at, int32_t kernel, int32_t stride, int32_t extent) {
  const int32_t before = at - kernel + stride; /* so that the quotient is that of the first one */
  const int32_t last = at / stride;
  return (fw_sources){before > 0 ? before / stride : 0, last < extent ? last + 1 : extent};
}

#endif

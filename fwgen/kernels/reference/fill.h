/* Sets every byte of a tensor to one value. */
#ifndef FW_FILL_H
#define FW_FILL_H

#include <stdint.h>

/* value: -128 to 127, the byte as a signed number. */
void fw_fill(void* output, int32_t value, uint32_t bytes);

#endif

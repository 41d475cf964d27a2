/* What Arm's NPU driver names in functions that the platform replaces; there is no heap. */
#ifndef FW_STDLIB_H
#define FW_STDLIB_H

#include <stddef.h>

void* malloc(size_t bytes);
void free(void* memory);

#endif

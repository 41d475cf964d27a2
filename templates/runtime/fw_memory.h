/* The memory functions that a freestanding compiler may call; string.h is not there without a libc.
 */
#ifndef FW_MEMORY_H
#define FW_MEMORY_H

#include <stddef.h>

void* memcpy(void* to, const void* from, size_t bytes);
void* memmove(void* to, const void* from, size_t bytes);
void* memset(void* to, int value, size_t bytes);
int memcmp(const void* a, const void* b, size_t bytes);

#endif

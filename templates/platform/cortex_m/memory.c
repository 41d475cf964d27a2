/* The memory functions that compilers call, as there is no libc. */
#include <stdint.h>

#include "fw_memory.h"

#if defined(__GNUC__) && !defined(__clang__)
/* Or the loops below would be turned into calls of themselves. */
#pragma GCC optimize("no-tree-loop-distribute-patterns")
#endif

typedef uint32_t __attribute__((may_alias)) word;

static int aligned(const void* a, const void* b) {
  return (((uintptr_t)a | (uintptr_t)b) & (sizeof(word) - 1u)) == 0;
}

/* From the first byte to the last, which is right for overlaps that move towards lower addresses.
 */
static void copy_upwards(uint8_t* to, const uint8_t* from, size_t bytes) {
  if (aligned(to, from)) {
    for (; bytes >= sizeof(word); bytes -= sizeof(word), to += sizeof(word), from += sizeof(word)) {
      *(word*)(void*)to = *(const word*)(const void*)from;
    }
  }
  while (bytes--) *to++ = *from++;
}

void* memcpy(void* to, const void* from, size_t bytes) {
  copy_upwards(to, from, bytes);
  return to;
}

void* memmove(void* to, const void* from, size_t bytes) {
  uint8_t* t = to;
  const uint8_t* f = from;
  if ((uintptr_t)t - (uintptr_t)f >= bytes) {
    copy_upwards(t, f, bytes);
  } else {
    while (bytes--) t[bytes] = f[bytes];
  }
  return to;
}

void* memset(void* to, int value, size_t bytes) {
  uint8_t* t = to;
  const word pattern = (uint8_t)value * UINT32_C(0x01010101);
  for (; bytes && !aligned(t, t); bytes--) *t++ = (uint8_t)value;
  for (; bytes >= sizeof(word); bytes -= sizeof(word), t += sizeof(word)) {
    *(word*)(void*)t = pattern;
  }
  while (bytes--) *t++ = (uint8_t)value;
  return to;
}

int memcmp(const void* a, const void* b, size_t bytes) {
  const uint8_t *x = a, *y = b;
  for (; bytes; bytes--, x++, y++) {
    if (*x != *y) return *x - *y;
  }
  return 0;
}

/* window = (window without its first bytes, new): one move within the window, one copy into it. */
#include "slide.h"

void fw_slide(void* window, const void* added, uint32_t kept_bytes, uint32_t added_bytes) {
  uint8_t* const to = window;
  __builtin_memmove(to, to + added_bytes, kept_bytes);
  __builtin_memcpy(to + kept_bytes, added, added_bytes);
}

/* Drops the oldest bytes of a window that slides, and adds new ones. */
#ifndef FW_SLIDE_H
#define FW_SLIDE_H

#include <stdint.h>

/* The window has kept_bytes + added_bytes, of which the first added_bytes go. added is apart. */
void fw_slide(void* window, const void* added, uint32_t kept_bytes, uint32_t added_bytes);

#endif

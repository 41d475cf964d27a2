/* Bytes before and after the arena that nothing may write, in projects that are built with them. */
#ifndef FW_CANARY_H
#define FW_CANARY_H

#include <stdint.h>

#ifdef FW_CANARIES
#define FW_CANARY_BYTES 32

/* Before and after each part of the model's arena. */
void fw_canary_fill(void);

/* Whether they are as they were filled. */
int fw_canary_intact(void);
#else
static inline void fw_canary_fill(void) {}

static inline int fw_canary_intact(void) { return 1; }
#endif

#endif

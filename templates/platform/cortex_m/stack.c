/* How much of the stack was ever used: what the pattern does not fill any more. */
#include "core.h"
#include "fw_platform.h"

#define GUARD_WORDS 4

void fw_stack_paint(void) {
  /* Up to what this function may use itself, which is far less than 64 bytes. */
  const uintptr_t end = (uintptr_t)__builtin_frame_address(0) - 64u;
  for (volatile uint32_t* word = fw_stack_bottom; (uintptr_t)word < end; word++)
    *word = STACK_PATTERN;
}

uint32_t fw_platform_stack_used(void) {
  const volatile uint32_t* word = fw_stack_bottom;
  while (word < fw_stack_top && *word == STACK_PATTERN) word++;
  return (uint32_t)((uintptr_t)fw_stack_top - (uintptr_t)word);
}

int fw_platform_stack_intact(void) {
  for (int i = 0; i < GUARD_WORDS; i++) {
    if (((const volatile uint32_t*)fw_stack_bottom)[i] != STACK_PATTERN) return 0;
  }
  return 1;
}

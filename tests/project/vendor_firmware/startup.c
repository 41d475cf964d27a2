/* A user's firmware up to main: vectors, memory, and a console by semihosting. No part of fwgen's.
 */
#include <stddef.h>
#include <stdint.h>

extern uint32_t _estack[], _sidata[], _sdata[], _edata[], _sbss[], _ebss[];

int main(void);
void Reset_Handler(void);
void put_bytes(const void* data, uint32_t bytes);
void* memcpy(void* to, const void* from, size_t bytes);
void* memmove(void* to, const void* from, size_t bytes);
void* memset(void* to, int value, size_t bytes);

#define CPACR (*(volatile uint32_t*)(uintptr_t)0xE000ED88u)
#define SYS_WRITE0 4u
#define SYS_EXIT 0x18u
#define STOPPED 0x20026u
#define FAULTED 0x20023u

static void semihost(uint32_t number, const void* argument) {
  register uint32_t r0 __asm__("r0") = number;
  register const void* r1 __asm__("r1") = argument;
  __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

static void fault(void) { semihost(SYS_EXIT, (const void*)(uintptr_t)FAULTED); }

__attribute__((section(".isr_vector"), used)) static void (*const vectors[16])(void) = {
    (void (*)(void))(uintptr_t)_estack,
    Reset_Handler,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault,
    fault};

/* A line of hex digits. */
void put_bytes(const void* data, uint32_t bytes) {
  const uint8_t* p = data;
  char text[3] = {0};
  for (uint32_t i = 0; i < bytes; i++) {
    text[0] = "0123456789abcdef"[p[i] >> 4];
    text[1] = "0123456789abcdef"[p[i] & 15];
    semihost(SYS_WRITE0, text);
  }
  semihost(SYS_WRITE0, "\n");
}

__attribute__((optimize("no-tree-loop-distribute-patterns"))) void* memcpy(void* to,
                                                                           const void* from,
                                                                           size_t bytes) {
  for (size_t i = 0; i < bytes; i++) ((uint8_t*)to)[i] = ((const uint8_t*)from)[i];
  return to;
}

__attribute__((optimize("no-tree-loop-distribute-patterns"))) void* memmove(void* to,
                                                                            const void* from,
                                                                            size_t bytes) {
  uint8_t* const first = to;
  const uint8_t* const source = from;
  if ((uintptr_t)to < (uintptr_t)from) return memcpy(to, from, bytes);
  for (size_t i = bytes; i > 0; i--) first[i - 1] = source[i - 1];
  return to;
}

__attribute__((optimize("no-tree-loop-distribute-patterns"))) void* memset(void* to, int value,
                                                                           size_t bytes) {
  for (size_t i = 0; i < bytes; i++) ((uint8_t*)to)[i] = (uint8_t)value;
  return to;
}

void Reset_Handler(void) {
  CPACR |= 0xF00000u; /* floating point and vectors */
  __asm__ volatile("dsb\n\tisb");
  memcpy(_sdata, _sidata, (uintptr_t)_edata - (uintptr_t)_sdata);
  memset(_sbss, 0, (uintptr_t)_ebss - (uintptr_t)_sbss);
  (void)main();
  semihost(SYS_EXIT, (const void*)(uintptr_t)STOPPED);
  for (;;) {
  }
}

/* Runs kernel calls on cases that come through semihosting, and counts their instructions. For
 * QEMU's mps3-an547; the counter advances with each instruction under -icount.
 *
 * A file "in" holds cases: graph, number of blocks, and each block as size, misalignment, bytes.
 * A file "out" gets for each case the counter's ticks and the blocks as they are afterwards, or
 * nothing more once something was written outside of the blocks.
 */
#include <stdint.h>

#define COUNTER (*(volatile uint32_t*)0x58101000u)
#define COUNTER_CONTROL (*(volatile uint32_t*)0x58100000u)
#define CPACR (*(volatile uint32_t*)0xE000ED88u)

#define SYS_OPEN 0x01
#define SYS_WRITE 0x05
#define SYS_READ 0x06
#define SYS_EXIT_EXTENDED 0x20
#define OPEN_READ 1u  /* "rb" */
#define OPEN_WRITE 5u /* "wb" */
#define STOPPED 0x20026u

#define BLOCKS 64
#define GUARD 64u
#define PATTERN 0x5Au

extern void (*const graphs[])(void* const*);
extern uint8_t data_end[], stack_top[];
int main(void);
void* memcpy(void* to, const void* from, __SIZE_TYPE__ bytes);
void* memset(void* to, int value, __SIZE_TYPE__ bytes);

void* memcpy(void* to, const void* from, __SIZE_TYPE__ bytes) {
  for (__SIZE_TYPE__ i = 0; i < bytes; i++) {
    ((volatile uint8_t*)to)[i] = ((const uint8_t*)from)[i];
  }
  return to;
}

void* memset(void* to, int value, __SIZE_TYPE__ bytes) {
  for (__SIZE_TYPE__ i = 0; i < bytes; i++) ((volatile uint8_t*)to)[i] = (uint8_t)value;
  return to;
}

static uint32_t semihost(uint32_t what, const uint32_t* argument) {
  register uint32_t r0 __asm("r0") = what;
  register const uint32_t* r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

static _Noreturn void quit(uint32_t code) {
  semihost(SYS_EXIT_EXTENDED, (const uint32_t[]){STOPPED, code});
  for (;;) {
  }
}

static uint32_t open_file(const char* name, uint32_t length, uint32_t mode) {
  return semihost(SYS_OPEN, (const uint32_t[]){(uint32_t)(uintptr_t)name, mode, length});
}

/* Fewer bytes than asked for: the end of the file. */
static int take(uint32_t file, void* to, uint32_t bytes) {
  return bytes == 0 ||
         semihost(SYS_READ, (const uint32_t[]){file, (uint32_t)(uintptr_t)to, bytes}) == 0;
}

static void give(uint32_t file, const void* from, uint32_t bytes) {
  if (bytes == 0) return;
  if (semihost(SYS_WRITE, (const uint32_t[]){file, (uint32_t)(uintptr_t)from, bytes})) quit(3);
}

static void empty(void* const* blocks) { (void)blocks; }

__attribute__((noinline)) static uint32_t ticks_of(void (*graph)(void* const*),
                                                   void* const* blocks) {
  const uint32_t start = COUNTER;
  graph(blocks);
  return COUNTER - start;
}

static int untouched(const uint8_t* from, const uint8_t* to) {
  while (from < to) {
    if (*from++ != PATTERN) return 0;
  }
  return 1;
}

int main(void) {
  static void* block[BLOCKS];
  static uint32_t size[BLOCKS];
  const uint32_t in = open_file("in", 2, OPEN_READ), out = open_file("out", 3, OPEN_WRITE);
  uint32_t head[2];
  COUNTER_CONTROL |= 1u;
  const uint32_t nothing = ticks_of(empty, block);
  while (take(in, head, sizeof head)) {
    uint8_t* at = data_end;
    if (head[1] > BLOCKS) quit(2);
    for (uint32_t i = 0; i < head[1]; i++) {
      uint32_t where[2];
      if (!take(in, where, sizeof where)) quit(2);
      uint8_t* const start = (uint8_t*)(((uintptr_t)at + GUARD + 15u) & ~(uintptr_t)15) + where[1];
      uint8_t* const end = start + where[0];
      memset(at, PATTERN, (uint32_t)(start - at));
      if (!take(in, start, where[0])) quit(2);
      memset(end, PATTERN, GUARD);
      block[i] = start;
      size[i] = where[0];
      at = end;
    }
    const uint32_t ticks = ticks_of(graphs[head[0]], block) - nothing;
    at = data_end;
    for (uint32_t i = 0; i < head[1]; i++) {
      if (!untouched(at, block[i])) quit(4);
      at = (uint8_t*)block[i] + size[i];
    }
    if (!untouched(at, at + GUARD)) quit(4);
    give(out, &ticks, sizeof ticks);
    for (uint32_t i = 0; i < head[1]; i++) give(out, block[i], size[i]);
  }
  quit(0);
}

static _Noreturn void fault(void) { quit(5); }

__attribute__((used, noreturn)) static void reset(void) {
  CPACR |= 0xFu << 20;
  __asm volatile("dsb\n isb");
  main();
  quit(0);
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    (vector)(uintptr_t)stack_top,
    reset,
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

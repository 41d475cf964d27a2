/* Cases on QEMU's mps3-an547: files through semihosting, ticks of a counter that goes on with each
 * instruction under -icount. A store to CASE_MARK tells the plugin that calls begin or have ended.
 */
#include "cases.h"
#include "memory_map.h"

#define COUNTER (*(volatile uint32_t*)CASE_COUNTER)
#define COUNTER_CONTROL (*(volatile uint32_t*)0x58100000u)
#define MARK (*(volatile uint32_t*)CASE_MARK)
#define CPACR (*(volatile uint32_t*)0xE000ED88u)
#define CCR (*(volatile uint32_t*)0xE000ED14u)
#define UNALIGN_TRP (1u << 3)

#define SYS_OPEN 0x01
#define SYS_WRITE 0x05
#define SYS_READ 0x06
#define SYS_EXIT_EXTENDED 0x20
#define OPEN_READ 1u  /* "rb" */
#define OPEN_WRITE 5u /* "wb" */
#define STOPPED 0x20026u

uint8_t* const case_arena = (uint8_t*)CASE_ARENA;
static uint32_t in, out, nothing;
static volatile uint32_t start; /* stored before calls are judged */
extern uint8_t stack_top[];
int main(void);

static uint32_t semihost(uint32_t what, const uint32_t* argument) {
  register uint32_t r0 __asm("r0") = what;
  register const uint32_t* r1 __asm("r1") = argument;
  __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}

_Noreturn void case_quit(uint32_t code) {
  semihost(SYS_EXIT_EXTENDED, (const uint32_t[]){STOPPED, code});
  for (;;) {
  }
}

static uint32_t open_file(const char* name, uint32_t length, uint32_t mode) {
  return semihost(SYS_OPEN, (const uint32_t[]){(uint32_t)(uintptr_t)name, mode, length});
}

int case_take(void* to, uint32_t bytes) {
  return bytes == 0 ||
         semihost(SYS_READ, (const uint32_t[]){in, (uint32_t)(uintptr_t)to, bytes}) == 0;
}

void case_give(const void* from, uint32_t bytes) {
  if (bytes == 0) return;
  if (semihost(SYS_WRITE, (const uint32_t[]){out, (uint32_t)(uintptr_t)from, bytes})) case_quit(3);
}

void case_begin(const fw_case_head* head, const fw_case_range* ranges) {
  (void)head;
  (void)ranges;
#ifdef ALIGNED_ONLY /* as on a Cortex-M0 */
  CCR |= UNALIGN_TRP;
#endif
  start = COUNTER;
  MARK = 1;
}

uint32_t case_end(void) {
  const uint32_t ticks = COUNTER - start;
  MARK = 0;
  CCR &= ~UNALIGN_TRP;
  return ticks - nothing;
}

int main(void) {
  in = open_file("in", 2, OPEN_READ);
  out = open_file("out", 3, OPEN_WRITE);
  COUNTER_CONTROL |= 1u;
  start = COUNTER;
  nothing = COUNTER - start;
  while (case_next()) {
  }
  case_quit(0);
}

static _Noreturn void fault(void) { case_quit(5); }

__attribute__((used, noreturn)) static void reset(void) {
  CPACR |= 0xFu << 20;
  __asm volatile("dsb\n isb");
  main();
  case_quit(0);
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

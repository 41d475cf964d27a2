/* Every fault ends here: says what happened and where, then ends the run. */
#include "core.h"
#include "fw_fault.h"
#include "fw_platform.h"

/* Stack that a report needs at most, and the guard below. */
#define REPORT_BYTES 768
#define STRINGIZE_(x) #x
#define STRINGIZE(x) STRINGIZE_(x)

#define FRAME_BYTES 32u
/* Words of the frame. */
#define FRAME_LR 5u
#define FRAME_PC 6u
#define FRAME_PSR 7u

#define CFSR_IACCVIOL (UINT32_C(1) << 0)
#define CFSR_STACKING (UINT32_C(1) << 4 | UINT32_C(1) << 12) /* MSTKERR, STKERR */
#define CFSR_MMARVALID (UINT32_C(1) << 7)
#define CFSR_IBUSERR (UINT32_C(1) << 8)
#define CFSR_BFARVALID (UINT32_C(1) << 15)
#define CFSR_UNDEFINSTR (UINT32_C(1) << 16)
#define CFSR_INVSTATE (UINT32_C(1) << 17)
#define CFSR_INVPC (UINT32_C(1) << 18)
#define CFSR_NOCP (UINT32_C(1) << 19)
#define CFSR_STKOF (UINT32_C(1) << 20)
#define CFSR_UNALIGNED (UINT32_C(1) << 24)
#define CFSR_DIVBYZERO (UINT32_C(1) << 25)
#define CFSR_BAD_JUMP (CFSR_IACCVIOL | CFSR_IBUSERR | CFSR_INVSTATE | CFSR_INVPC)
#define CFSR_BUS UINT32_C(0xFF00)
#define CFSR_MEMORY UINT32_C(0xFF)
#define ICSR_VECTACTIVE UINT32_C(0x1FF)
#define USAGE_FAULT 6u

extern const uint8_t fw_code_start[], fw_code_end[];

void fw_trap(void);
_Noreturn void fw_report(uint32_t sp, uint32_t scan_from);

/* The stack pointer may be anywhere. Where less is left below it than a report needs, the report
 * runs in the lowest part of the stack if that was never used, and else from the top down, over the
 * frames of functions that nothing will return to. fw_report(sp, where to look for return
 * addresses). */
__attribute__((naked)) void fw_trap(void) {
  __asm__ volatile(
      "mrs r0, msp\n\t"
      "mov r1, r0\n\t"
      "ldr r2, =fw_stack_top\n\t"
      "ldr r3, =fw_stack_bottom + " STRINGIZE(REPORT_BYTES) "\n\t"
      "cmp r0, r2\n\t"
      "bhi 1f\n\t"
      "cmp r0, r3\n\t"
      "bhs 2f\n"
      "1:\n\t"
      "ldr r1, =fw_stack_bottom + " STRINGIZE(STACK_GUARD_BYTES) "\n\t"
      "msr msp, r2\n\t"
      "ldr r2, [r3]\n\t"
      "ldr r4, =" STRINGIZE(STACK_PATTERN) "\n\t"
      "cmp r2, r4\n\t"
      "bne 2f\n\t"
      "mov r1, r3\n\t"
      "msr msp, r3\n"
      "2:\n\t"
      "bl fw_report\n\t"
      ".ltorg");
}

/* fw_fail_at from an empty stack: what is reported needs none of the frames, and they may be deep.
 */
__attribute__((naked)) void fw_fail(const char* name __attribute__((unused))) {
  __asm__ volatile(
      "mov r1, lr\n\t"
      "ldr r2, =fw_stack_top\n\t"
      "msr msp, r2\n\t"
      "bl fw_fail_at\n\t"
      ".ltorg");
}

static const char* name_of(uint32_t cfsr, uint32_t exception, int overflow) {
  if (overflow) return "stack-overflow";
  if (cfsr & CFSR_UNDEFINSTR) return "undefined-instruction";
  if (cfsr & CFSR_DIVBYZERO) return "divide-by-zero";
  if (cfsr & CFSR_UNALIGNED) return "unaligned-access";
  if (cfsr & CFSR_NOCP) return "no-coprocessor";
  if (cfsr & CFSR_BAD_JUMP) return "bad-jump";
  if (cfsr & CFSR_BUS) return "bus-error";
  if (cfsr & CFSR_MEMORY) return "memory-error";
  return exception <= USAGE_FAULT ? "hard-fault" : "unexpected-exception";
}

/* The newest return address on a stack whose frames are lost: a word that points behind a call. */
static uint32_t find_return(uint32_t from, uint32_t top) {
  const uint32_t code_start = (uint32_t)(uintptr_t)fw_code_start;
  const uint32_t code_end = (uint32_t)(uintptr_t)fw_code_end;
  for (; from < top; from += 4) {
    const uint32_t word = *(const uint32_t*)(uintptr_t)from;
    const uint32_t call = word - 5u; /* less the Thumb bit: where a call of 32 bits would be */
    if (!(word & 1u) || call < code_start || call >= code_end) continue;
    const uint16_t* before = (const uint16_t*)(uintptr_t)call;
    const int bl = (before[0] & 0xF800u) == 0xF000u && (before[1] & 0xD000u) == 0xD000u;
    const int blx = (before[1] & 0xFF87u) == 0x4780u;
    if (bl || blx) return word;
  }
  return 0;
}

_Noreturn void fw_report(uint32_t sp, uint32_t scan_from) {
  const uint32_t bottom = (uint32_t)(uintptr_t)fw_stack_bottom;
  const uint32_t limit = bottom + STACK_GUARD_BYTES;
  const uint32_t top = (uint32_t)(uintptr_t)fw_stack_top;
#if __ARM_ARCH == 6
  fw_fault fault = {.cfsr = 0}; /* no register tells why */
#else
  fw_fault fault = {.cfsr = CFSR, .hfsr = HFSR};
#endif
  if (fault.cfsr & CFSR_MMARVALID) fault.mmfar = MMFAR;
  if (fault.cfsr & CFSR_BFARVALID) fault.bfar = BFAR;

  /* After an overflow the stack pointer is at its limit, where the core has one, or in the guard or
   * below, and the frame of the exception was not written. */
  const int lost = sp <= limit || sp > top - FRAME_BYTES || (fault.cfsr & CFSR_STACKING);
  if (lost) {
    fault.lr = find_return(scan_from & ~UINT32_C(3), top);
  } else {
    const uint32_t* frame = (const uint32_t*)(uintptr_t)sp;
    fault.lr = frame[FRAME_LR];
    fault.pc = frame[FRAME_PC];
    fault.psr = frame[FRAME_PSR];
  }
  const int overflow =
      sp <= limit || (fault.cfsr & CFSR_STKOF) || (fault.mmfar >= bottom && fault.mmfar < limit);
  fault.name = name_of(fault.cfsr, ICSR & ICSR_VECTACTIVE, overflow);
  fw_fault_end(&fault);
}

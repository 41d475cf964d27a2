/* From reset to fw_main on any Cortex-M. */
#include "core.h"
#include "fw_board.h"
#include "fw_main.h"
#include "fw_memory.h"

#define CCR_UNALIGN_TRP (UINT32_C(1) << 3)
#define CCR_DIV_0_TRP (UINT32_C(1) << 4)
#define CCR_DC (UINT32_C(1) << 16)
#define CCR_IC (UINT32_C(1) << 17)
#define CCR_BP (UINT32_C(1) << 18)
#define CCR_LOB (UINT32_C(1) << 19)
#define SHCSR_MEM_BUS_USAGE_FAULTS (UINT32_C(7) << 16)
#define MPU_ENABLE_WITH_DEFAULT_MAP UINT32_C(5)
#if __ARM_ARCH == 6
#define MPU_READ_ONLY_MEMORY UINT32_C(0x15030000) /* never executed, normal memory; without TEX */
#else
#define MPU_READ_ONLY_MEMORY UINT32_C(0x150B0000) /* never executed, normal memory */
#endif
#define MPU_SIZE(bytes) ((uint32_t)(__builtin_ctz(bytes) - 1) << 1)
#define MPU_REGION_ENABLE UINT32_C(1)
#define CPUID_PART_NUMBER UINT32_C(0xFFF0)
#define CPUID_CORTEX_M85 UINT32_C(0xD230)
#define CPUID_VARIANT_REVISION(id) (((id) >> 16 & 0xF0u) | ((id) & 0xFu))
#define R1P1 0x11u
#define MSCR_FORCEWT (UINT32_C(1) << 2)
#define ACTLR_FOR_ERRATA (UINT32_C(1) << 16)
#define CLIDR_L1_INSTRUCTION (UINT32_C(1) << 0)
#define CLIDR_L1_DATA (UINT32_C(1) << 1)

extern uint32_t fw_data_start[], fw_data_end[], fw_data_load[], fw_bss_start[], fw_bss_end[];

void fw_reset(void);
void fw_trap(void);
#if defined(FW_COUNTER_SYSTICK) || defined(FW_COUNTER_SIMULATED)
void fw_systick(void);
#else
#define fw_systick fw_trap
#endif
_Noreturn void fw_start(void);

typedef void (*vector)(void);

/* The runtime polls, and sleeps with interrupts held back: the only one that is ever taken is that
 * of SysTick where it is the counter. So all other entries but the first two end the run. */
__attribute__((section(".vectors"), used)) static const vector vectors[16] = {
    (vector)fw_stack_top,
    fw_reset,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_trap,
    fw_systick,
};

#ifdef FW_BOOT_COPY
__attribute__((section(".fw_boot"), used)) static const vector boot[2] = {(vector)fw_stack_top,
                                                                          fw_reset};
#endif

/* Before any C: the stack, its limit where there is one, and the floating-point and vector unit,
 * which compiled code may use anywhere. No exception returns, so that none needs to save what is in
 * it: that would take 72 bytes of stack. */
__attribute__((naked)) void fw_reset(void) {
  __asm__ volatile(
      "cpsie i\n\t"
      "ldr r0, =fw_stack_top\n\t"
      "msr msp, r0\n\t"
#if __ARM_ARCH >= 8
      "ldr r0, =fw_stack_bottom\n\t"
      "msr msplim, r0\n\t"
#endif
#ifdef __ARM_FP
      "ldr r0, =0xE000ED88\n\t" /* CPACR */
      "ldr r1, [r0]\n\t"
      "orr r1, r1, #0xF00000\n\t" /* full access to CP10 and CP11 */
      "str r1, [r0]\n\t"
      "ldr r0, =0xE000EF34\n\t" /* FPCCR */
      "ldr r1, [r0]\n\t"
      "bic r1, r1, #0xC0000000\n\t" /* exceptions save no floating-point context */
      "str r1, [r0]\n\t"
      "dsb\n\t"
      "isb\n\t"
#endif
      "bl fw_start\n\t" /* which reaches further than a branch, and does not return */
      ".ltorg");
}

#if __ARM_ARCH > 6
/* Data caches hold garbage at reset on some cores: every line is invalidated by set and way. */
static void invalidate_data_cache(void) {
  CSSELR = 0; /* level 1, data */
  core_barrier();
  const uint32_t size = CCSIDR;
  const uint32_t sets = (size >> 13) & 0x7FFFu, ways = (size >> 3) & 0x3FFu; /* both less 1 */
  const uint32_t line_shift = (size & 7u) + 4u;
  const uint32_t way_shift = ways ? (uint32_t)__builtin_clz(ways) : 0u;
  for (uint32_t set = 0; set <= sets; set++) {
    for (uint32_t way = 0; way <= ways; way++) DCISW = way << way_shift | set << line_shift;
  }
}

/* A Cortex-M85 before r1p1 has errata 3175626 and 3190818 of its data cache (Arm, SDEN-2236668),
 * which a cache that writes through has not got. MSCR and ACTLR are those of its Technical
 * Reference Manual; that both bits are to be set is from SystemInit of Renesas' FSP. */
static void avoid_errata(void) {
#ifdef __ARM_FEATURE_MVE
  const uint32_t id = CPUID;
  if ((id & CPUID_PART_NUMBER) != CPUID_CORTEX_M85 || CPUID_VARIANT_REVISION(id) >= R1P1) return;
  MSCR |= MSCR_FORCEWT;
  core_barrier();
  ACTLR |= ACTLR_FOR_ERRATA;
  core_barrier();
#endif
}

/* Where the core has none, CLIDR reads as 0. */
static void enable_caches(void) {
  avoid_errata();
  const uint32_t present = CLIDR;
  if (present & CLIDR_L1_INSTRUCTION) {
    ICIALLU = 0;
    core_barrier();
    CCR |= CCR_IC;
  }
  if (present & CLIDR_L1_DATA) {
    invalidate_data_cache();
    core_barrier();
    CCR |= CCR_DC;
  }
}
#endif

/* Where the core has no stack limit, the end of the stack is made read-only. */
static void guard_stack(void) {
#if STACK_GUARD_BYTES
  if (!MPU_TYPE) return;
  MPU_RNR = 0;
  MPU_RBAR = (uint32_t)(uintptr_t)fw_stack_bottom;
  MPU_RASR = MPU_READ_ONLY_MEMORY | MPU_SIZE(STACK_GUARD_BYTES) | MPU_REGION_ENABLE;
  MPU_CTRL = MPU_ENABLE_WITH_DEFAULT_MAP;
#endif
}

_Noreturn void fw_start(void) {
  VTOR = (uint32_t)(uintptr_t)vectors; /* no register on a Cortex-M0, where vectors are at 0 */
#if __ARM_ARCH == 6
  CCR |= CCR_UNALIGN_TRP; /* always set there, and so on larger cores that run such code */
#else
  SHCSR |= SHCSR_MEM_BUS_USAGE_FAULTS;
  CCR |= CCR_DIV_0_TRP;
#endif
#ifdef __ARM_FEATURE_MVE
  CCR |= CCR_BP | CCR_LOB; /* branch prediction, low-overhead loops */
#endif
#if __ARM_ARCH > 6
  enable_caches();
#endif
  fw_stack_paint();
  guard_stack();
  core_barrier();
  memcpy(fw_data_start, fw_data_load, (uintptr_t)fw_data_end - (uintptr_t)fw_data_start);
  memset(fw_bss_start, 0, (uintptr_t)fw_bss_end - (uintptr_t)fw_bss_start);
  fw_main();
}

/* SysTick as a counter of the core's clock: for cores without a cycle counter (Cortex-M0, M0+,
 * M23), and on simulators. Its 24 bits wrap after 0.26 s at 64 MHz, so that its exception counts
 * the wraps. Registers: Armv7-M Architecture Reference Manual, "The system timer, SysTick", the
 * same in those of Armv6-M and Armv8-M: it counts down, raises the exception when it comes to 0,
 * and is loaded again one tick later; a write clears it without an exception. What the exceptions
 * take is measured at the start, and does not count. */
#include "core_counter.h"

#if defined(FW_COUNTER_SYSTICK) || defined(FW_COUNTER_SIMULATED)

#include "core.h"

#define RANGE_BITS 24
#define RANGE_MASK ((UINT32_C(1) << RANGE_BITS) - 1u)
#define SYST_CSR_RUN UINT32_C(7) /* core clock, exception, enable */
#define ICSR_PENDSTSET (UINT32_C(1) << 26)

extern volatile uint32_t fw_counter_wraps;
volatile uint32_t fw_counter_wraps;

/* Ticks of TRIALS exceptions, 0 if they could not be measured: a simulator that follows the time of
 * its host may pause. */
#define TRIALS UINT32_C(256)
#define MOST_TICKS (TRIALS * 1000u)
static uint32_t exception_ticks;

void fw_systick(void);

/* In instructions that touch nothing but what the core saves: the exception returns, and vector
 * registers are not saved. */
__attribute__((naked)) void fw_systick(void) {
  __asm__ volatile(
      ".syntax unified\n\t"
      "ldr r0, =fw_counter_wraps\n\t"
      "ldr r1, [r0]\n\t"
      "adds r1, r1, #1\n\t"
      "str r1, [r0]\n\t"
      "bx lr\n\t"
      ".ltorg");
}

/* Ticks of TRIALS writes of a value to ICSR. Compiled once: both values go through the same
 * instructions, of which one more or less would be an error of each exception. */
__attribute__((noinline)) static uint32_t time_writes(uint32_t value) {
  const uint32_t start = SYST_CVR;
  for (uint32_t turns = TRIALS; turns; turns--) {
    ICSR = value;
    core_barrier();
  }
  return (start - SYST_CVR) & RANGE_MASK;
}

const char* fw_systick_enable(void) {
  SYST_CSR = 0;
  SYST_RVR = RANGE_MASK;
  SYST_CVR = 0;
  SYST_CSR = SYST_CSR_RUN;
  core_barrier();
  exception_ticks = time_writes(ICSR_PENDSTSET) - time_writes(0);
  if (exception_ticks > MOST_TICKS) exception_ticks = 0;
  fw_counter_wraps = 0;
  return 0;
}

/* The ticks since the latest exception are those since the value was 0. Where interrupts are held
 * back, an exception may wait: in the first half of the range it is the one of this wrap. */
uint32_t fw_systick_ticks(void) {
  uint32_t wraps, ticks, waits;
  do { /* again when the exception came in between */
    wraps = fw_counter_wraps;
    ticks = (0u - SYST_CVR) & RANGE_MASK;
    waits = ICSR & ICSR_PENDSTSET;
  } while (wraps != fw_counter_wraps);
  if (waits && !(ticks >> (RANGE_BITS - 1))) wraps++;
  const uint64_t handled = (uint64_t)wraps * exception_ticks / TRIALS;
  return (wraps << RANGE_BITS | ticks) - (uint32_t)handled;
}

#endif

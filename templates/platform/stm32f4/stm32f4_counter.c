/* Cycles of the core: DWT_CYCCNT (Armv7-M Architecture Reference Manual, Data Watchpoint and
 * Trace). QEMU has the registers, but they stand still. There timers take their place, which on
 * QEMU count at 1 GHz whatever the clock of the chip: TIM2 every tick and TIM5 every 256th, as only
 * both together count for longer than 4 s. They are told as cycles at the stated clock.
 *
 * Two readings must be less than 2^32 cycles apart, 25 s at 168 MHz; on QEMU 2^40 ns, 18 minutes.
 *
 * Why the shared part cortex_m_counter is not used: one image is for the chip and for QEMU. That
 * part has no DWT on QEMU, and its SysTick counts the instructions of its own exception. Nor do its
 * 32 bits last: an instruction takes 43 cycles at this clock on QEMU, 100 million of them all.
 */
#include "stm32f4_counter.h"

#include "core.h"
#include "fw_board.h"
#include "fw_fault.h"
#include "fw_format.h"
#include "fw_platform.h"
#include "stm32.h"

#define DEMCR CORE_REGISTER(0xE000EDFC)
#define DEMCR_TRCENA (UINT32_C(1) << 24)
#define DWT_CTRL STM32_REGISTER(FW_COUNTER_BASE)
#define DWT_CTRL_CYCCNTENA 1u
#define DWT_CYCCNT STM32_REGISTER(FW_COUNTER_BASE + 4u)

/* Registers as in TIM_TypeDef of ST's stm32f405xx.h. */
#define TIM2 UINT32_C(0x40000000)
#define TIM5 UINT32_C(0x40000C00)
#define TIM_CR1 0x00u
#define TIM_EGR 0x14u
#define TIM_CNT 0x24u
#define TIM_PSC 0x28u
#define TIM_ARR 0x2Cu
#define RANGE_MASK ((UINT64_C(1) << 40) - 1u)

/* Cycles per nanosecond, times 2^32, to the nearest. An inference of 10 s is off by less than a
 * cycle of 256 ns for each instruction. */
#define CYCLES_PER_NS ((uint32_t)((((uint64_t)FW_CLOCK_HZ << 32) + 500000000u) / 1000000000u))

static int timers_stand_in;

static void start_timer(uint32_t timer, uint32_t prescaler) {
  STM32_REGISTER(timer + TIM_PSC) = prescaler;
  STM32_REGISTER(timer + TIM_ARR) = UINT32_MAX;
  STM32_REGISTER(timer + TIM_EGR) = 1u; /* takes the prescaler, begins at 0 */
  STM32_REGISTER(timer + TIM_CR1) = 1u;
}

void stm32f4_counter_init(int on_chip) {
  DEMCR |= DEMCR_TRCENA;
  DWT_CYCCNT = 0;
  DWT_CTRL |= DWT_CTRL_CYCCNTENA;
  const uint32_t before = DWT_CYCCNT;
  for (int i = 0; i < 16; i++) __asm__ volatile("nop");
  timers_stand_in = DWT_CYCCNT == before;
  if (!timers_stand_in) return;
  if (on_chip) fw_fail("counter-stopped"); /* where timers count at another rate */
  start_timer(TIM5, 255);
  start_timer(TIM2, 0);
}

static uint64_t simulated_cycles(void) {
  static uint64_t ns;
  const uint32_t fine = STM32_REGISTER(TIM2 + TIM_CNT);
  const uint64_t coarse = (uint64_t)STM32_REGISTER(TIM5 + TIM_CNT) << 8;
  /* The two differ by far less than half the range of the fine one. */
  const uint64_t now = coarse + (uint64_t)(int64_t)(int32_t)(fine - (uint32_t)coarse);
  ns += (now - ns) & RANGE_MASK;
  return (ns >> 32) * CYCLES_PER_NS + ((uint64_t)(uint32_t)ns * CYCLES_PER_NS >> 32);
}

uint64_t fw_platform_counter(void) {
  static uint64_t total;
  if (timers_stand_in) return simulated_cycles();
  total += (uint32_t)(DWT_CYCCNT - (uint32_t)total);
  return total;
}

uint32_t fw_platform_microseconds(void) {
  uint32_t rest;
  return (uint32_t)fw_divide(fw_platform_counter(), FW_COUNTER_HZ / 1000000u, &rest);
}

/* A counter of 32 bits as one of 64 bits, which is tested before anything is measured by it.
 *
 * Each reading adds what has passed since the one before, modulo 2^32. So two readings must be less
 * than 2^32 ticks apart: 35.8 s at 120 MHz. The firmware reads before and after each inference; a
 * platform that waits for input longer than that, and shall tell the time after it, reads
 * meanwhile.
 */
#include "core_counter.h"

#include "fw_board.h"
#include "fw_fault.h"
#include "fw_format.h"
#include "fw_platform.h"

/* Whether SysTick counts: where it is the board's counter, and on a simulator of a board whose
 * counter is DWT. */
#if defined(FW_COUNTER_SYSTICK)
#define SYSTICK 1
#elif defined(FW_COUNTER_SIMULATED)
static int simulated;
#define SYSTICK simulated
#else
#define SYSTICK 0
#endif

#if defined(FW_COUNTER_DWT)
#define OWN_ENABLE fw_dwt_enable
#define OWN_TICKS fw_dwt_ticks
#elif defined(FW_COUNTER_PMU)
#define OWN_ENABLE fw_pmu_enable
#define OWN_TICKS fw_pmu_ticks
#else
#define OWN_ENABLE fw_systick_enable
#define OWN_TICKS fw_systick_ticks
#endif

static const char* enable(void) { return SYSTICK ? fw_systick_enable() : OWN_ENABLE(); }

static uint32_t counter_ticks(void) { return SYSTICK ? fw_systick_ticks() : OWN_TICKS(); }

/* Turns of the loop of the first trial, and the most of a later one. */
#define FEWEST_TURNS UINT32_C(1000)

/* What turns of a loop of two instructions can take. Cores that run two instructions at a time take
 * half a cycle for a turn at least; memory with many wait states takes hundreds. SysTick of a
 * simulator follows the time of its host, so that it is only asked to count, and may be late. */
#define MOST_TURNS (SYSTICK ? UINT32_C(10000000) : UINT32_C(10000))
#define LEAST(turns) (SYSTICK ? UINT32_C(1) : (turns) / 2u)
#define MOST(turns) ((turns) * 400u)

static uint32_t count_turns(uint32_t turns) {
  const uint32_t start = counter_ticks();
  __asm__ volatile(
      ".syntax unified\n"
      "1:\n\t"
      "subs %0, %0, #1\n\t"
      "bne 1b"
      : "+l"(turns)
      :
      : "cc");
  return counter_ticks() - start;
}

/* The name of the fault that a number of turns shows, 0 if there is none. A counter that runs
 * backwards differs by almost 2^32. */
static const char* judge(uint32_t turns) {
  const uint32_t ticks = count_turns(turns);
  if (!ticks) return "counter-stopped";
  return ticks < LEAST(turns) || ticks > MOST(turns) ? "counter-implausible" : 0;
}

#ifdef FW_COUNTER_EVENTS
#define EVENT_CPU_CYCLES UINT32_C(0x11)
#define TURNS_TO_WRAP UINT32_C(140000) /* 2^16 cycles at half a cycle each, and as many again */

/* The same of the event counters: what they count as cycles are those of the cycle counter, but for
 * the reading of both. */
static const char* judge_events(void) {
  fw_platform_count_event(EVENT_CPU_CYCLES);
  const uint32_t ticks = count_turns(TURNS_TO_WRAP);
  const uint64_t counted = fw_platform_events();
  if (!counted) return "counter-stopped";
  return counted < ticks || counted - ticks > TURNS_TO_WRAP ? "counter-implausible" : 0;
}
#else
static const char* judge_events(void) { return 0; }
#endif

void fw_counter_start(void) {
#ifdef FW_COUNTER_SIMULATED
  simulated = fw_counter_is_simulated();
#endif
  const char* fault = enable();
  if (fault) fw_fail(fault);
  /* Once is enough on silicon, unless a debugger stops the core in it. QEMU's SysTick begins when
   * its host comes to it, which may also pause in the loop. */
  for (uint32_t turns = FEWEST_TURNS; turns <= MOST_TURNS; turns *= 10u) {
    fault = judge(turns);
    if (!fault) break;
  }
  if (!fault) fault = judge_events();
  if (fault) fw_fail(fault);
}

uint64_t fw_platform_counter(void) {
  static uint64_t total;
  total += (uint32_t)(counter_ticks() - (uint32_t)total);
  return total;
}

uint32_t fw_platform_microseconds(void) {
  uint32_t rest;
  return (uint32_t)fw_divide(fw_platform_counter(), FW_COUNTER_HZ / 1000000u, &rest);
}

#ifdef FW_COUNTER_SIMULATED
const char* fw_platform_counter_source(void) { return simulated ? "systick" : "dwt"; }

const char* fw_platform_counter_unit(void) { return simulated ? "ticks" : "cycles"; }
#endif

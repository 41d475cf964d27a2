/* The Performance Monitoring Unit of Armv8.1-M: Cortex-M52, M55 and M85. Its cycle counter is the
 * clock; two of its event counters of 16 bits, of which the second counts how often the first
 * wraps, count an event at a time. Registers: Armv8-M Architecture Reference Manual, "The
 * Performance Monitoring Extension" (PMU_CTRL, PMU_CCNTR, PMU_EVCNTRn, PMU_EVTYPERn, PMU_CNTENSET,
 * PMU_CNTENCLR, PMU_TYPE, event CHAIN), and DEMCR. */
#include "core_counter.h"

#ifdef FW_COUNTER_PMU

#include "core.h"
#include "fw_platform.h"

#define PMU_EVCNTR ((volatile uint32_t*)(uintptr_t)UINT32_C(0xE0003000))
#define PMU_CCNTR CORE_REGISTER(0xE000307C)
#define PMU_EVTYPER ((volatile uint32_t*)(uintptr_t)UINT32_C(0xE0003400))
#define PMU_CNTENSET CORE_REGISTER(0xE0003C00)
#define PMU_CNTENCLR CORE_REGISTER(0xE0003C20)
#define PMU_TYPE CORE_REGISTER(0xE0003E00)
#define PMU_CTRL CORE_REGISTER(0xE0003E04)
#define DEMCR CORE_REGISTER(0xE000EDFC)

#define PMU_CNTENSET_CYCLES (UINT32_C(1) << 31)
#define PMU_CNTENSET_PAIR UINT32_C(3)
#define PMU_CTRL_ENABLE (UINT32_C(1) << 0)
#define PMU_CTRL_RESET_EVENTS (UINT32_C(1) << 1)
#define PMU_CTRL_RESET_CYCLES (UINT32_C(1) << 2)
#define PMU_TYPE_COUNTERS UINT32_C(0xFF) /* how many event counters there are */
#define EVENT_CHAIN UINT32_C(0x1E)
#define DEMCR_TRCENA (UINT32_C(1) << 24)

const char* fw_pmu_enable(void) {
  DEMCR |= DEMCR_TRCENA;
  core_barrier();
  if ((PMU_TYPE & PMU_TYPE_COUNTERS) < 2u) return "counter-absent";
  PMU_CTRL |= PMU_CTRL_ENABLE | PMU_CTRL_RESET_CYCLES;
  PMU_CNTENSET = PMU_CNTENSET_CYCLES;
  core_barrier();
  return 0;
}

uint32_t fw_pmu_ticks(void) { return PMU_CCNTR; }

static uint64_t events;

void fw_platform_count_event(uint32_t event) {
  PMU_CNTENCLR = PMU_CNTENSET_PAIR;
  PMU_EVTYPER[0] = event;
  PMU_EVTYPER[1] = EVENT_CHAIN;
  PMU_CTRL |= PMU_CTRL_RESET_EVENTS;
  events = 0;
  PMU_CNTENSET = PMU_CNTENSET_PAIR;
  core_barrier();
}

uint64_t fw_platform_events(void) {
  uint32_t high, low;
  do { /* again when the low half wrapped in between */
    high = PMU_EVCNTR[1];
    low = PMU_EVCNTR[0];
  } while (high != PMU_EVCNTR[1]);
  events += (uint32_t)((high << 16 | (low & 0xFFFFu)) - (uint32_t)events);
  return events;
}

#endif

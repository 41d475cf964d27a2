/* The cycle counter of the Performance Monitoring Unit of Armv8.1-M: Cortex-M52, M55 and M85.
 * Registers: Armv8-M Architecture Reference Manual, "The Performance Monitoring Extension"
 * (PMU_CTRL, PMU_CCNTR, PMU_CNTENSET, PMU_TYPE), and DEMCR. */
#include "core_counter.h"

#ifdef FW_COUNTER_PMU

#include "core.h"

#define PMU_CCNTR CORE_REGISTER(0xE000307C)
#define PMU_CNTENSET CORE_REGISTER(0xE0003C00)
#define PMU_TYPE CORE_REGISTER(0xE0003E00)
#define PMU_CTRL CORE_REGISTER(0xE0003E04)
#define DEMCR CORE_REGISTER(0xE000EDFC)

#define PMU_CNTENSET_CYCLES (UINT32_C(1) << 31)
#define PMU_CTRL_ENABLE (UINT32_C(1) << 0)
#define PMU_CTRL_RESET_CYCLES (UINT32_C(1) << 2)
#define DEMCR_TRCENA (UINT32_C(1) << 24)

const char* fw_counter_enable(void) {
  DEMCR |= DEMCR_TRCENA;
  core_barrier();
  if (!PMU_TYPE) return "counter-absent";
  PMU_CTRL |= PMU_CTRL_ENABLE | PMU_CTRL_RESET_CYCLES;
  PMU_CNTENSET = PMU_CNTENSET_CYCLES;
  core_barrier();
  return 0;
}

uint32_t fw_counter_ticks(void) { return PMU_CCNTR; }

#endif

/* The counter of the core as the runtime's: DWT, PMU or SysTick, whichever [timer] of the board
 * file names. This part defines fw_platform_counter and fw_platform_microseconds. */
#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include <stdint.h>

#include "fw_board.h"

#if !defined(FW_COUNTER_DWT) && !defined(FW_COUNTER_PMU) && !defined(FW_COUNTER_SYSTICK)
#error "[timer] of the board file names no counter of the core: source is dwt, pmu or systick"
#endif

/* Makes the counter count and tests that it does; ends the run by a fault if not. For
 * fw_platform_init to call last: the clock has its final rate by then, and the serial line works.
 */
void fw_counter_start(void);

#ifdef FW_COUNTER_SIMULATED
/* For the platform to define: whether this is a simulator, where DWT stands still. */
int fw_counter_is_simulated(void);
#endif

/* Of each source: it begins to count from 0; the name of the fault if it cannot. */
const char* fw_dwt_enable(void);
const char* fw_pmu_enable(void);
const char* fw_systick_enable(void);

/* Ticks since then, modulo 2^32. */
uint32_t fw_dwt_ticks(void);
uint32_t fw_pmu_ticks(void);
uint32_t fw_systick_ticks(void);

#endif

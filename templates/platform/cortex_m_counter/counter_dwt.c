/* The cycle counter of the Data Watchpoint and Trace unit: of Armv7-M and Armv8-M with the main
 * extension, where the chip has one. Registers: Armv7-M Architecture Reference Manual, "The Data
 * Watchpoint and Trace unit" (DWT_CTRL, DWT_CYCCNT, and DWT_LAR and DWT_LSR, the CoreSight software
 * lock) and "Debug Exception and Monitor Control Register"; the same in that of Armv8-M, which has
 * no lock any more. */
#include "core_counter.h"

#ifdef FW_COUNTER_DWT

#include "core.h"

#define DWT_CTRL CORE_REGISTER(0xE0001000)
#define DWT_CYCCNT CORE_REGISTER(0xE0001004)
#define DWT_LAR CORE_REGISTER(0xE0001FB0)
#define DWT_LSR CORE_REGISTER(0xE0001FB4)
#define DEMCR CORE_REGISTER(0xE000EDFC)

#define DWT_CTRL_CYCCNTENA (UINT32_C(1) << 0)
#define DWT_CTRL_NOCYCCNT (UINT32_C(1) << 25)
#define DWT_LAR_KEY UINT32_C(0xC5ACCE55)
#define DWT_LSR_LOCKED UINT32_C(3) /* a lock is there, and it is closed */
#define DEMCR_TRCENA (UINT32_C(1) << 24)

const char* fw_dwt_enable(void) {
  DEMCR |= DEMCR_TRCENA; /* before it the registers of the unit take nothing */
#if __ARM_ARCH == 7
  DWT_LAR = DWT_LAR_KEY; /* Cortex-M7; others ignore it */
  core_barrier();
  if ((DWT_LSR & DWT_LSR_LOCKED) == DWT_LSR_LOCKED) return "counter-locked";
#endif
  if (DWT_CTRL & DWT_CTRL_NOCYCCNT) return "counter-absent";
  DWT_CYCCNT = 0;
  DWT_CTRL |= DWT_CTRL_CYCCNTENA;
  core_barrier();
  return 0;
}

uint32_t fw_dwt_ticks(void) { return DWT_CYCCNT; }

#endif

/* The NPU's performance counters: cycles from the start of a job to its end, and events. */
#include "fw_npu_parts.h"
#include "fw_npu_registers.h"

#define PMCR_ENABLE (UINT32_C(1) << 0)
#define PMCR_RESET (UINT32_C(3) << 1) /* event counters and cycle counter */
#define CYCLE_COUNTER (UINT32_C(1) << 31)
#define ALL_COUNTERS (CYCLE_COUNTER | ((UINT32_C(1) << EVENTS) - 1u))

/* NPU active; data beats of port 0 (U85: SRAM) read and written, of port 1 (EXT) read, written. */
static const uint16_t events[FW_NPU_EVENTS] = {35, 130, 135, 386, 391};
#define EVENTS (FW_NPU_PRODUCT == 2 ? 5u : 4u) /* 8 counters, or 4 */

static uint64_t cycles(void) {
  uint32_t high, low;
  do { /* again when the low half wrapped in between */
    high = npu_read(NPU_PMCCNTR_HI);
    low = npu_read(NPU_PMCCNTR);
  } while (high != npu_read(NPU_PMCCNTR_HI));
  return (uint64_t)(high & 0xFFFFu) << 32 | low;
}

uint64_t fw_npu_count_start(void) {
  npu_write(NPU_PMCCNTR_CFG, 0); /* counts without waiting for an event */
  for (uint32_t i = 0; i < EVENTS; i++) npu_write(NPU_PMEVTYPER(i), events[i]);
  npu_write(NPU_PMOVSCLR, ALL_COUNTERS);
  npu_write(NPU_PMCNTENSET, ALL_COUNTERS);
  npu_write(NPU_PMCR, PMCR_ENABLE | PMCR_RESET);
  return cycles();
}

int fw_npu_count_stop(uint64_t begin, fw_npu_counts* counts) {
  npu_write(NPU_PMCR, 0);
  const uint64_t end = cycles();
  if (end <= begin || npu_read(NPU_PMOVSSET) & ALL_COUNTERS) return 0;
  counts->jobs++;
  counts->events = EVENTS;
  counts->cycles += end - begin;
  for (uint32_t i = 0; i < EVENTS; i++) counts->event[i] += npu_read(NPU_PMEVCNTR(i));
  return 1;
}

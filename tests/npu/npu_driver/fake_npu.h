/* What the fake NPU is and does. */
#ifndef FAKE_NPU_H
#define FAKE_NPU_H

#include <stdint.h>

typedef struct {
  uint32_t config, id;
  uint32_t run_reads, reset_reads; /* reads of registers until a run, a reset is over; 0: never */
  uint32_t end_status, qread;      /* STATUS after a run, without the interrupt */
  uint32_t never, no_irq, nested;
  uint32_t protection; /* bits of PROT that do not take */
  uint32_t tick, stuck, overflow, counters;
  uint64_t cycles_at_start;
} fake_npu;

extern fake_npu npu;

/* Ends a run now. */
void fake_finish(void);

/* Raises the interrupt for no reason. */
void fake_raise(void);

#endif

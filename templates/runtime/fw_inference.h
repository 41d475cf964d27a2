/* Inferences on the loaded inputs, whole and op by op. */
#ifndef FW_INFERENCE_H
#define FW_INFERENCE_H

#include <stdint.h>

#include "fw_board.h"

/* Finds out what reading the counter costs. Once, before the first inference. */
void fw_calibrate(void);

/* One inference. Returns the counter's ticks, less the cost of reading it. */
uint64_t fw_infer(void);

/* fw-ops with an event of the core: as fw-ops, but how often that happened. */
#ifdef FW_COUNTER_EVENTS
void fw_infer_counting_events(uint32_t event);
#endif

/* fw-ops, fw-crc and fw-dump: one inference each, reported while it runs. */
void fw_infer_counting_ops(void);
void fw_infer_checking_ops(void);
void fw_infer_dumping_op(uint32_t op);

#endif

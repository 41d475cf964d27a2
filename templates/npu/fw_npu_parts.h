/* What the parts of the driver have of each other. */
#ifndef FW_NPU_PARTS_H
#define FW_NPU_PARTS_H

#include "fw_npu.h"

/* Longest that a job may take. */
#ifndef FW_NPU_TIMEOUT_US
#define FW_NPU_TIMEOUT_US UINT64_C(10000000)
#endif

/* A command stream and the CONFIG and ID of the NPU that it is for. */
typedef struct {
  uint32_t config, id;
  uint32_t base, bytes;
} fw_npu_stream;

/* Finds the stream. What is wrong with the job is named, as in all functions here; 0 if nothing. */
const char* fw_npu_read_payload(const fw_npu_job* job, fw_npu_stream* stream);

/* 0 if the NPU came out of its reset. All registers but STATUS read as 0 until then. */
int fw_npu_wait_for_reset(void);

/* Whether the NPU is the one that the stream is for. */
const char* fw_npu_check(const fw_npu_stream* stream, fw_npu_report* report);

/* What STATUS says of a run that ended. */
const char* fw_npu_fault_of(uint32_t status);

/* Runs the stream on the NPU itself and adds to the counts; sets *counted to 0 if it cannot. */
const char* fw_npu_execute(const fw_npu_job* job, const fw_npu_stream* stream,
                           fw_npu_report* report, fw_npu_counts* counts, int* counted);

/* Begins to count; returns where the cycle counter begins. */
uint64_t fw_npu_count_start(void);

/* Ends it; 0 if nothing was counted. */
int fw_npu_count_stop(uint64_t begin, fw_npu_counts* counts);

#endif

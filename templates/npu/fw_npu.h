/* The Ethos-U: jobs for it, and what became of them. */
#ifndef FW_NPU_H
#define FW_NPU_H

#include <stdint.h>

#define FW_NPU_REGIONS 8u
#define FW_NPU_EVENTS 5u
#define FW_NPU_UNSERVED UINT32_C(0xFFFFFFFF)

/* Memory that a command stream names by its number; a multiple of 16. */
typedef struct {
  uint32_t base, bytes;
} fw_npu_region;

/* A command stream in its payload, as Vela makes it, and the memory it works in. Region 0 is only
 * read. A simulator reads this structure where the firmware has it. */
typedef struct {
  uint32_t answer; /* STATUS after the run, from whoever served the doorbell */
  uint32_t payload, payload_bytes;
  uint32_t regions;
  fw_npu_region region[FW_NPU_REGIONS];
} fw_npu_job;

/* Why a job failed. The registers are 0 where they were not read. */
typedef struct {
  const char* name;       /* lower case, '-' between words */
  uint32_t status, qread; /* STATUS, QREAD: how far the NPU read the stream, in bytes */
  uint32_t config;        /* CONFIG of the NPU that is there */
  uint32_t wanted;        /* and of the one that the stream is for */
} fw_npu_report;

/* The NPU's own counters. Events: cycles it was active, beats read and written on its first port
 * (SRAM), read on its second one; the U85 has also beats written there. */
typedef struct {
  uint32_t jobs, events; /* how many of `event` there are */
  uint64_t cycles;
  uint64_t event[FW_NPU_EVENTS];
} fw_npu_counts;

/* Runs a job; 0 if it went well, else -1 after fw_npu_failed. */
int fw_npu_run(fw_npu_job* job);

/* Forgets counts and failure; an inference begins with it. */
void fw_npu_clear(void);

/* The first failure since then, 0 if there was none. */
const fw_npu_report* fw_npu_error(void);

/* The sums of all jobs since then; 0 if one of them was not counted: a simulator served it, or the
 * cycle counter stood still. */
const fw_npu_counts* fw_npu_counters(void);

/* Called when a job fails. Weak, and does nothing; firmware may define its own. */
void fw_npu_failed(const fw_npu_report* report);

/* For the interrupt's service routine, where there is one: without effect unless the NPU raised
 * its interrupt. */
void fw_npu_interrupt(void);

/* Where a simulator sees a job and may do it: it holds a breakpoint here, reads the job that the
 * first argument points to, and sets its answer. Returns at once otherwise. */
void fw_npu_doorbell(fw_npu_job* job);

#endif

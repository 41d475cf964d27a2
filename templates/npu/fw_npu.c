/* A job from its payload to its answer: from a simulator that serves the doorbell, or the NPU. */
#include "fw_npu.h"

#include "fw_board.h"
#include "fw_npu_parts.h"

static fw_npu_report failure;
static fw_npu_counts counts;
static int uncounted;

void fw_npu_clear(void) {
  failure = (fw_npu_report){0};
  counts = (fw_npu_counts){0};
  uncounted = 0;
}

const fw_npu_report* fw_npu_error(void) { return failure.name ? &failure : 0; }

const fw_npu_counts* fw_npu_counters(void) { return counts.jobs && !uncounted ? &counts : 0; }

/* Whether a simulator did the job. */
static int served(fw_npu_job* job) {
#ifdef FW_NPU_DOORBELL
  job->answer = FW_NPU_UNSERVED;
  fw_npu_doorbell(job);
  return job->answer != FW_NPU_UNSERVED;
#else
  (void)job;
  return 0;
#endif
}

static void run(fw_npu_job* job, fw_npu_report* report) {
  fw_npu_stream stream;
  report->name = fw_npu_read_payload(job, &stream);
  if (report->name) return;
  report->wanted = stream.config;
  if (served(job)) {
    uncounted = 1;
    report->status = job->answer;
    report->name = fw_npu_fault_of(job->answer);
    return;
  }
  int counted = 1;
  report->name = fw_npu_check(&stream, report);
  if (!report->name) report->name = fw_npu_execute(job, &stream, report, &counts, &counted);
  if (!counted) uncounted = 1;
}

int fw_npu_run(fw_npu_job* job) {
  fw_npu_report report = {0};
  run(job, &report);
  if (!report.name) return 0;
  if (!failure.name) failure = report;
  fw_npu_failed(&report);
  return -1;
}

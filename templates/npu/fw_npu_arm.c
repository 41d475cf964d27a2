/* Arm's driver (ethos-u-core-driver) behind the same functions, where the project is built with
 * ETHOSU_DRIVER_ROOT. It says no more than that a job failed, so the registers are read here. */
#ifdef FW_NPU_ARM_DRIVER

#include "ethosu_driver.h"
#include "fw_npu_hooks.h"
#include "fw_npu_parts.h"
#include "fw_npu_registers.h"

static struct ethosu_driver driver;
static volatile uint32_t seen, status, qread; /* at the interrupt */

void fw_npu_interrupt(void) {
  const uint32_t now = npu_read(NPU_STATUS);
  if (!(now & STATUS_IRQ_RAISED)) return;
  status = now;
  qread = npu_read(NPU_QREAD);
  seen = 1;
  ethosu_irq_handler(&driver);
}

static int invoke(const fw_npu_job* job) {
  uint64_t base[FW_NPU_REGIONS];
  size_t bytes[FW_NPU_REGIONS];
  for (uint32_t i = 0; i < job->regions; i++) {
    base[i] = job->region[i].base;
    bytes[i] = job->region[i].bytes;
  }
  return ethosu_invoke_v3(&driver, (const void*)(uintptr_t)job->payload, (int)job->payload_bytes,
                          base, bytes, (int)job->regions, 0);
}

const char* fw_npu_execute(const fw_npu_job* job, const fw_npu_stream* stream,
                           fw_npu_report* report, fw_npu_counts* counts, int* counted) {
  static int ready;
  (void)stream; /* Arm's driver reads the payload itself */
  if (!ready) {
    if (ethosu_init(&driver, (void*)(uintptr_t)FW_NPU_BASE, 0, 0, FW_NPU_SECURE,
                    FW_NPU_PRIVILEGED)) {
      return "npu-reset";
    }
    ready = 1;
  }
  if (ethosu_request_power(&driver)) return "npu-reset"; /* or its reset would end the counting */
  seen = 0;
  const uint64_t begin = fw_npu_count_start();
  const int failed = invoke(job);
  *counted = fw_npu_count_stop(begin, counts);
  ethosu_release_power(&driver);
  if (!seen) return failed ? "npu-timeout" : "npu-no-interrupt";
  report->status = status;
  report->qread = qread;
  const char* fault = fw_npu_fault_of(status);
  return failed && !fault ? "npu-refused" : fault;
}

#endif

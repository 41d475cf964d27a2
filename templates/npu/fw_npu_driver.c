/* The driver of the NPU's registers. It works in the order of Arm's driver: reset, memory
 * attributes, addresses, run, interrupt. All waits are bounded. */
#include "fw_npu_hooks.h"
#include "fw_npu_parts.h"
#include "fw_npu_registers.h"

#ifndef FW_NPU_ARM_DRIVER

#define ACCESS ((FW_NPU_PRIVILEGED ? 1u : 0u) | (FW_NPU_SECURE ? 0u : 2u)) /* RESET and PROT */

/* Limits of the ports: outstanding reads and writes, less 1; bursts are not split below the
 * product's own size. */
#define LIMIT(reads, writes) ((uint32_t)((reads) - 1) << 16 | (uint32_t)((writes) - 1) << 24)
#define LIMIT_U85(reads, writes) \
  ((uint32_t)((reads) - 1) | (uint32_t)((writes) - 1) << 8 | UINT32_C(2) << 16)
#define MEM_ATTR_EXT (UINT32_C(1) << 2) /* by the second port; else by the first */

enum { IDLE, RUNNING, DONE };

struct ethosu_driver {
  void *mutex, *semaphore;
  volatile uint32_t state, status;
};

static struct ethosu_driver driver;

static void set_ports(void) {
#if FW_NPU_PRODUCT == 2
  for (uint32_t i = 0; i < 4u; i++) npu_write(NPU_MEM_ATTR(i), i < 2u ? 0 : MEM_ATTR_EXT);
  npu_write(NPU_AXI_SRAM, LIMIT_U85(12, 16));
  npu_write(NPU_AXI_EXT, LIMIT_U85(64, 32));
  npu_write(NPU_POWER_CTRL, 0);
#else
  const uint32_t limit = FW_NPU_PRODUCT == NPU_U55 ? LIMIT(32, 16) : LIMIT(64, 32);
  for (uint32_t i = 0; i < 4u; i++) npu_write(NPU_AXI_LIMIT(i), limit);
#endif
}

static const char* reset(void) {
  npu_write(NPU_RESET, ACCESS);
  if (fw_npu_wait_for_reset()) return "npu-reset";
  if ((npu_read(NPU_PROT) & 3u) != ACCESS) return "npu-protection";
  set_ports();
  npu_write(NPU_CMD, 0); /* keeps clock and power */
  return 0;
}

static void set_address(uint32_t offset, uint32_t address, int index) {
  const uint64_t seen = ethosu_address_remap(address, index);
  npu_write(offset, (uint32_t)seen);
  if (FW_NPU_PRODUCT != NPU_U55) npu_write(offset + 4u, (uint32_t)(seen >> 32));
}

static void start(const fw_npu_job* job, const fw_npu_stream* stream) {
  set_address(NPU_QBASE, stream->base, -1);
  npu_write(NPU_QSIZE, stream->bytes);
  npu_write(NPU_QCONFIG, FW_NPU_QCONFIG);
  for (uint32_t i = 0; i < job->regions; i++) {
    set_address(NPU_BASEP(i), job->region[i].base, (int)i);
  }
  npu_write(NPU_REGIONCFG, FW_NPU_REGIONCFG);
  driver.state = RUNNING;
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
  npu_write(NPU_CMD, (npu_read(NPU_CMD) & CMD_MAY_SLEEP) | CMD_RUN);
}

__attribute__((weak)) void ethosu_irq_handler(struct ethosu_driver* unused) {
  (void)unused;
  const uint32_t status = npu_read(NPU_STATUS);
  if (!(status & STATUS_IRQ_RAISED)) return;
  npu_write(NPU_CMD, (npu_read(NPU_CMD) & CMD_MAY_SLEEP) | CMD_CLEAR_IRQ);
  if (driver.state != RUNNING) return; /* too late, or twice */
  driver.status = status;
  driver.state = DONE;
  ethosu_semaphore_give(driver.semaphore);
}

void fw_npu_interrupt(void) { ethosu_irq_handler(&driver); }

/* What a job wrote, each region once. Region 0 is constant. */
static int written(const fw_npu_job* job, uint64_t* base, size_t* bytes) {
  int count = 0;
  for (uint32_t i = 1; i < job->regions; i++) {
    if (!job->region[i].bytes || (i > 1 && job->region[i].base == job->region[i - 1].base))
      continue;
    base[count] = job->region[i].base;
    bytes[count++] = job->region[i].bytes;
  }
  return count;
}

/* Waits for the end of the run; how it ended. An interrupt may come just when the wait is given up:
 * the exchange decides whether it is this job's or too late, so that none is left for the next. */
static const char* wait(fw_npu_report* report) {
  const int late = ethosu_semaphore_take(driver.semaphore, FW_NPU_TIMEOUT_US);
  const int done = __atomic_exchange_n(&driver.state, IDLE, __ATOMIC_SEQ_CST) == DONE;
  if (late && done) ethosu_semaphore_take(driver.semaphore, FW_NPU_TIMEOUT_US);
  report->status = done ? driver.status : npu_read(NPU_STATUS);
  report->qread = npu_read(NPU_QREAD);
  const char* fault = fw_npu_fault_of(report->status);
  if (done) return fault;
  if (!(report->status & STATUS_IRQ_RAISED)) return "npu-timeout";
  return fault ? fault : "npu-no-interrupt"; /* nobody called ethosu_irq_handler */
}

static const char* drive(const fw_npu_job* job, const fw_npu_stream* stream, fw_npu_report* report,
                         fw_npu_counts* counts, int* counted) {
  const char* failed = reset();
  if (failed) return failed;
  uint64_t base[FW_NPU_REGIONS];
  size_t bytes[FW_NPU_REGIONS];
  const int ranges = written(job, base, bytes);
  ethosu_flush_dcache(base, bytes, ranges);
  ethosu_inference_begin(&driver, 0);
  const uint64_t begin = fw_npu_count_start();
  start(job, stream);
  failed = wait(report);
  *counted = fw_npu_count_stop(begin, counts);
  ethosu_invalidate_dcache(base, bytes, ranges);
  ethosu_inference_end(&driver, 0);
  if (failed) reset();
  npu_write(NPU_CMD, CMD_MAY_SLEEP);
  return failed;
}

const char* fw_npu_execute(const fw_npu_job* job, const fw_npu_stream* stream,
                           fw_npu_report* report, fw_npu_counts* counts, int* counted) {
  if (!driver.semaphore) {
    driver.mutex = ethosu_mutex_create();
    driver.semaphore = ethosu_semaphore_create();
  }
  if (ethosu_mutex_lock(driver.mutex) < 0) return "npu-busy";
  const char* failed = drive(job, stream, report, counts, counted);
  ethosu_mutex_unlock(driver.mutex);
  return failed;
}

#endif

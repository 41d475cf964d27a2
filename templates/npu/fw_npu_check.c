/* What the NPU's registers say: whether it is the right one, and how a run ended. */
#include "fw_npu_parts.h"
#include "fw_npu_registers.h"

#define PRODUCT(config) ((config) >> 28)
#define MACS(config) ((config) & 0xFu)
#define STREAM_VERSION(config) ((config) >> 4 & 0xFu)
#define AXI_PORTS(config) ((config) >> 8 & 7u) /* U85 */
#define CUSTOM_DMA(config) ((config) >> 27 & 1u)
#define MAJOR(id) ((id) >> 28)
#define MINOR(id) ((id) >> 20 & 0xFFu)

#define RESET_POLLS 100000u

int fw_npu_wait_for_reset(void) {
  for (uint32_t i = 0; i < RESET_POLLS; i++) {
    if (!(npu_read(NPU_STATUS) & STATUS_RESETTING)) return 0;
  }
  return -1;
}

const char* fw_npu_check(const fw_npu_stream* stream, fw_npu_report* report) {
  if (fw_npu_wait_for_reset()) return "npu-reset"; /* the one that power came with */
  const uint32_t config = npu_read(NPU_CONFIG), wanted = stream->config;
  const uint32_t id = npu_read(NPU_ID);
  report->config = config;
  if (!config && !id) return "npu-absent";
  if (PRODUCT(config) != FW_NPU_PRODUCT || PRODUCT(wanted) != FW_NPU_PRODUCT) {
    return "npu-wrong-product";
  }
  if (MACS(config) != MACS(wanted)) return "npu-wrong-macs";
  if (STREAM_VERSION(config) != STREAM_VERSION(wanted)) return "npu-wrong-version";
  if (MAJOR(id) != MAJOR(stream->id) || MINOR(id) < MINOR(stream->id)) return "npu-wrong-version";
  if (FW_NPU_PRODUCT == NPU_U85 && AXI_PORTS(config) != AXI_PORTS(wanted)) return "npu-wrong-ports";
  if (CUSTOM_DMA(wanted) && !CUSTOM_DMA(config)) return "npu-no-custom-dma";
  return 0;
}

const char* fw_npu_fault_of(uint32_t status) {
  if (status & STATUS_BUS_ERROR) return "npu-bus-error";
  if (status & STATUS_PARSE_ERROR) return "npu-parse-error";
  if (FW_NPU_PRODUCT != NPU_U85 && status & STATUS_WEIGHT_FAULT) return "npu-weight-fault";
  if (FW_NPU_PRODUCT == NPU_U85 && status & STATUS_BRANCH_FAULT) return "npu-branch-fault";
  if (status & STATUS_ECC_FAULT) return "npu-ecc-fault";
  if (!(status & STATUS_END_REACHED)) return "npu-end-not-reached";
  return 0;
}

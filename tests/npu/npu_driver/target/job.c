/* A job for the NPU before each inference. */
#include "core.h"
#include "ethos_u.h"
#include "fw_npu.h"

#define CCR_DC (UINT32_C(1) << 16)

void __wrap_fw_model_invoke(void);
void __real_fw_model_invoke(void);

void __wrap_fw_model_invoke(void) {
  static const uint32_t payload[12] __attribute__((aligned(16))) = {
      0x31504F43, 1, 0x1807, 0x10066001, 5, 5, 5, UINT32_C(4) << 16 | 2};
  static uint8_t arena[128] __attribute__((aligned(32)));
  static const fw_ethos_u_params params = {sizeof payload, 0, sizeof arena, 0};
  CCR |= CCR_DC; /* so that there is a cache to be emptied */
  fw_npu_clear();
  fw_ethos_u((const uint8_t*)payload, arena, arena, 0, &params);
  if (fw_npu_counters() && !fw_npu_error()) __real_fw_model_invoke();
}

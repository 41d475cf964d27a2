/* The NPU does it. If it fails, fw_npu_error says why, and the output is whatever was there. */
#include "ethos_u.h"

#include "fw_npu.h"

static fw_npu_region region(const uint8_t* base, uint32_t bytes) {
  return (fw_npu_region){.base = (uint32_t)(uintptr_t)base, .bytes = bytes};
}

void fw_ethos_u(const uint8_t* payload, const uint8_t* weights, uint8_t* arena, uint8_t* fast,
                const fw_ethos_u_params* params) {
  fw_npu_job job = {
      .payload = (uint32_t)(uintptr_t)payload,
      .payload_bytes = params->payload_bytes,
      .regions = 3,
      .region = {region(weights, params->weights_bytes), region(arena, params->arena_bytes),
                 fast ? region(fast, params->fast_bytes) : region(arena, params->arena_bytes)},
  };
  fw_npu_run(&job);
}

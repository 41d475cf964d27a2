/* A model by hand whose one op is a job for the NPU: a command stream of Vela's, its constants and
 * its arena, in the memories that the test chose. npu_case.h, made by the test, has the sizes.
 */
#include "fw_fault.h"
#include "fw_model.h"
#include "npu_case.h"

#define STATUS_END_REACHED UINT32_C(0x20)

typedef struct {
  uint32_t base, bytes;
} region;

typedef struct {
  uint32_t answer;
  uint32_t payload, payload_bytes;
  uint32_t regions;
  region region[8];
} npu_job;

void fw_npu_doorbell(npu_job* job);

__asm__(
    ".section .rodata.fw_weights, \"a\", %progbits\n"
    ".balign 16\n"
    "npu_payload: .incbin \"" NPU_PAYLOAD
    "\"\n"
    ".balign 16\n"
    "npu_constants: .incbin \"" NPU_CONSTANTS
    "\"\n"
    ".text\n");
extern const uint8_t npu_payload[], npu_constants[];

static uint8_t arena[NPU_ARENA_BYTES] __attribute__((aligned(16), section(".bss.fw_arena")));
static uint8_t fast[NPU_FAST_BYTES + 1] __attribute__((aligned(16), section(".bss.fw_fast")));

volatile int32_t fw_model_current_op = -1;
const char fw_model_build_id[] = "0123456789abcdef";

__attribute__((naked, noinline)) void fw_npu_doorbell(npu_job* job __attribute__((unused))) {
  __asm__ volatile("nop\n\tbx lr");
}

/* What a test may spoil. */
#ifndef NPU_SPOIL
#define NPU_SPOIL(job)
#endif

static uint32_t address(const void* place) { return (uint32_t)(uintptr_t)place; }

static void op0(void) {
  npu_job job = {
      .answer = UINT32_MAX,
      .payload = address(npu_payload),
      .payload_bytes = NPU_PAYLOAD_BYTES,
      .regions = 3,
      .region = {{address(npu_constants), NPU_CONSTANTS_BYTES},
                 {address(arena), NPU_ARENA_BYTES},
                 {address(NPU_FAST_BYTES ? fast : arena),
                  NPU_FAST_BYTES ? NPU_FAST_BYTES : NPU_ARENA_BYTES}},
  };
  NPU_SPOIL(job);
  fw_npu_doorbell(&job);
  if (job.answer == UINT32_MAX) fw_fail("npu-unserved");
  if (!(job.answer & STATUS_END_REACHED)) fw_fail("npu-status");
}

void fw_model_invoke(void) {
  fw_model_current_op = 0;
  op0();
  fw_model_current_op = -1;
}

int32_t fw_model_check(void) { return -1; }

int fw_model_check_constants(void) { return 1; }

void fw_model_trace(int (*after)(uint32_t op)) {
  fw_model_invoke();
  (void)after(0);
}

static const fw_tensor inputs[] = {
    {.data = arena + NPU_INPUT, .bytes = NPU_INPUT_BYTES, .type = FW_INT8, .scale = 1.0f},
};

static const fw_tensor outputs[] = {
    {.data = arena + NPU_OUTPUT, .bytes = NPU_OUTPUT_BYTES, .type = FW_INT8, .scale = 1.0f},
};

static const fw_op op_outputs[] = {{.data = arena + NPU_OUTPUT, .bytes = NPU_OUTPUT_BYTES}};

const fw_model_info fw_model = {
    .name = "npu",
    .board = "test",
    .arena_bytes = NPU_ARENA_BYTES,
    .input_bytes = NPU_INPUT_BYTES,
    .output_bytes = NPU_OUTPUT_BYTES,
    .inputs = 1,
    .outputs = 1,
    .ops = 1,
    .input = inputs,
    .output = outputs,
    .op = op_outputs,
};

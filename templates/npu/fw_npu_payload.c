/* The payload: 'COP1', then actions, whose number is in the low byte of their first word. */
#include "fw_npu_parts.h"

#define MAGIC UINT32_C(0x31504F43) /* COP1 */
#define ACTION_CONFIG 1u           /* CONFIG and ID of the NPU follow */
#define ACTION_STREAM 2u           /* the stream follows; its length in words is in the first one */
#define ACTION_NOP 5u

static int aligned(const fw_npu_job* job, uint32_t stream) {
  uint32_t all = stream;
  for (uint32_t i = 0; i < job->regions; i++) all |= job->region[i].base;
  return all % 16u == 0;
}

const char* fw_npu_read_payload(const fw_npu_job* job, fw_npu_stream* stream) {
  const uint32_t* const words = (const uint32_t*)(uintptr_t)job->payload;
  const uint32_t count = job->payload_bytes / 4u;
  if (job->regions > FW_NPU_REGIONS) return "npu-regions";
  if (job->payload % 4u) return "npu-unaligned";
  if (job->payload_bytes % 4u || !count) return "npu-payload-size";
  if (words[0] != MAGIC) return "npu-payload-magic";

  int configured = 0;
  uint32_t at = 1;
  while (at < count) {
    const uint32_t word = words[at++];
    const uint32_t left = count - at;
    switch (word & 0xFFu) {
      case ACTION_CONFIG:
        if (left < 2u) return "npu-payload-truncated";
        stream->config = words[at];
        stream->id = words[at + 1u];
        configured = 1;
        at += 2u;
        break;
      case ACTION_STREAM:
        stream->base = job->payload + 4u * at;
        stream->bytes = 4u * ((word & 0xFF00u) << 8 | word >> 16);
        if (stream->bytes / 4u > left) return "npu-payload-truncated";
        if (!stream->bytes) return "npu-payload-no-stream";
        if (!configured) return "npu-payload-no-config";
        return aligned(job, stream->base) ? 0 : "npu-unaligned";
      case ACTION_NOP:
        break;
      default:
        return "npu-payload-action";
    }
  }
  return "npu-payload-no-stream";
}

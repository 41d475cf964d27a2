#include "fw_canary.h"

#include "fw_model.h"

#ifdef FW_CANARIES
/* All different, so that neither a fill nor a copy that is shifted looks intact. */
static uint8_t canary(uint32_t i) { return (uint8_t)(0xA5u + 37u * i); }

void fw_canary_fill(void) {
  for (uint32_t i = 0; i < FW_MODEL_CANARIES * FW_CANARY_BYTES; i++)
    fw_model_canaries[i / FW_CANARY_BYTES][i % FW_CANARY_BYTES] = canary(i);
}

int fw_canary_intact(void) {
  for (uint32_t i = 0; i < FW_MODEL_CANARIES * FW_CANARY_BYTES; i++)
    if (fw_model_canaries[i / FW_CANARY_BYTES][i % FW_CANARY_BYTES] != canary(i)) return 0;
  return 1;
}
#endif

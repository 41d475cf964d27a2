/* A command stream for the Ethos-U. */
#ifndef FW_ETHOS_U_H
#define FW_ETHOS_U_H

#include <stdint.h>

typedef struct {
  uint32_t payload_bytes, weights_bytes, arena_bytes, fast_bytes;
} fw_ethos_u_params;

/* payload: Vela's, of format COP1, at a multiple of 16. weights, arena and fast are the stream's
 * regions 0 to 2; fast is 0 if it is the arena. */
void fw_ethos_u(const uint8_t* payload, const uint8_t* weights, uint8_t* arena, uint8_t* fast,
                const fw_ethos_u_params* params);

#endif

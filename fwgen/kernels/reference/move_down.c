/* out[i] = in[i] in ascending order: no byte is overwritten before it is read. */
#include "move_down.h"

void fw_move_down(const int8_t* input, int8_t* output, int32_t bytes) {
  for (int32_t i = 0; i < bytes; i++) output[i] = input[i];
}

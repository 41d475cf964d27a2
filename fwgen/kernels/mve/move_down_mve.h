/* Moves bytes to lower addresses, for MVE. */
#ifndef FW_MOVE_DOWN_MVE_H
#define FW_MOVE_DOWN_MVE_H

#include <stdint.h>

#include "mve_required.h"

/* output is below input; they may overlap. */
void fw_move_down_mve(const int8_t* input, int8_t* output, int32_t bytes);

#endif

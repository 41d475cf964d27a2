/* Moves bytes to lower addresses. */
#ifndef FW_MOVE_DOWN_H
#define FW_MOVE_DOWN_H

#include <stdint.h>

/* output is below input; they may overlap. */
void fw_move_down(const int8_t* input, int8_t* output, int32_t bytes);

#endif

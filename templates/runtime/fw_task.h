/* A task of MLPerf Tiny: its data set and its results, where they are not the model's own inputs
 * and outputs. */
#ifndef FW_TASK_H
#define FW_TASK_H

#include <stdint.h>

#include "fw_board.h"

#ifndef FW_TASK_FLIP
#define FW_TASK_FLIP 0u /* bytes of the data set are the model's */
#endif

#ifdef FW_TASK_FLOATS
/* The input as the data set has it. */
extern float fw_task_window[FW_TASK_FLOATS];

/* The window in the scale of the model's input. */
void fw_task_quantize(int8_t* input);
#endif

#ifdef FW_TASK_SCORE
/* The mean squared error of the output, which is to be the input again. */
float fw_task_score(void);
#endif

#endif

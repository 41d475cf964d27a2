/* What Fourier transforms of real samples and back are told. */
#ifndef FW_FOURIER_PARAMS_H
#define FW_FOURIER_PARAMS_H

#include <stdint.h>

#define FW_FOURIER_STAGES 10

typedef struct {
  int32_t rows;
  int32_t samples;                    /* of a row; what is missing to 2 * points counts as 0 */
  int32_t points;                     /* complex ones, at least 2 */
  int32_t radices[FW_FOURIER_STAGES]; /* of the stages: 2, 3, 4 or 5, and 0 after the last one */
} fw_fourier_params;

#endif

/* The energies of a part of a spectrum: variant with M-profile vector instructions. */
#ifndef FW_SIGNAL_ENERGY_S16_MVE_H
#define FW_SIGNAL_ENERGY_S16_MVE_H

#include <stdint.h>

/* input (at least 2 * end), output (count); those before first and from end on are 0. */
void fw_signal_energy_s16_mve(const int16_t* input, uint32_t* output, int32_t count, int32_t first,
                              int32_t end);

#endif

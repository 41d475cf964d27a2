/* The energy of a spectrum: reference variant. */
#ifndef FW_SIGNAL_ENERGY_S16_H
#define FW_SIGNAL_ENERGY_S16_H

#include <stdint.h>

/* input pairs of real and imaginary parts; output (count), of which those from first to before end
 * are energies, the others 0. */
void fw_signal_energy_s16(const int16_t* input, uint32_t* output, int32_t count, int32_t first,
                          int32_t end);

#endif

/* Automatic gain control of channels by their noise: reference variant. */
#ifndef FW_SIGNAL_PCAN_U32_H
#define FW_SIGNAL_PCAN_U32_H

#include <stdint.h>

/* input, noise and output (count); gains (125) of quadratic pieces. output may be input. */
void fw_signal_pcan_u32(const uint32_t* input, const uint32_t* noise, const int16_t* gains,
                        uint32_t* output, int32_t count, int32_t shift);

#endif

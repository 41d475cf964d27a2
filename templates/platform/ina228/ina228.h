/* An INA228 of TI between the board and its supply, which counts energy by itself. */
#ifndef INA228_H
#define INA228_H

#include <stdint.h>

/* Writes to the device with a 7-bit address on the I2C bus of the platform, then reads from it
 * after a repeated start, if anything is to be read. 1 if the device acknowledged all, else 0. The
 * platform defines it, and ends it in bounded time. */
int fw_platform_i2c(uint32_t address, const uint8_t* out, uint32_t out_bytes, uint8_t* in,
                    uint32_t in_bytes);

#endif

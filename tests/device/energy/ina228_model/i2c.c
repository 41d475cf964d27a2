/* The I2C bus of a platform, with a model of an INA228 on it and of a board that takes a known
 * power.
 *
 * Registers are those of the datasheet. What the chip would measure is computed in whole numbers:
 * a unit of ENERGY is SHUNT_CAL / 2500 times 1/102400 J, for a shunt of 1 ohm. FAULT says what is
 * wrong with the chip. */
#include "fw_board.h"
#include "fw_format.h"
#include "fw_platform.h"
#include "ina228.h"

#define MICROWATTS UINT64_C(21000)
#define ADDRESS 0x45u

enum { NO_FAULT, NO_CHIP, OTHER_CHIP, OVERFLOWED, GOES_AWAY };

static uint32_t config, adc_config, shunt_cal; /* as they were written */
static uint32_t began_us;                      /* when the accumulators were reset */

static uint64_t energy(void) {
  const uint32_t us = fw_platform_microseconds() - began_us;
  uint32_t rest;
  if ((adc_config >> 12) != 0xB || !shunt_cal) return 0; /* it measures nothing */
  const uint64_t nanojoules = fw_divide(MICROWATTS * us, 1000u, &rest);
  const uint64_t units = fw_divide(nanojoules * 1024u, 10000u, &rest); /* a thousandth each */
  return fw_divide(fw_divide(units * 2500u, shunt_cal, &rest), 1000u, &rest);
}

static uint64_t value_of(uint32_t number, uint32_t* bytes) {
  *bytes = number == 0x09 ? 5 : 2;
  switch (number) {
    case 0x00:
      return config;
    case 0x01:
      return adc_config;
    case 0x02:
      return shunt_cal;
    case 0x09:
      return energy();
    case 0x0B:
      return FAULT == OVERFLOWED ? 0x0800u : 0x0002u;
    case 0x3E:
      return 0x5449u;
    case 0x3F:
      return FAULT == OTHER_CHIP ? 0x2381u : 0x2281u;
    default:
      return 0;
  }
}

static void set(uint32_t number, uint32_t word) {
  if (number == 0x00) {
    if (word & 0x4000u) began_us = fw_platform_microseconds();
    config = word & ~UINT32_C(0x4000);
  } else if (number == 0x01) {
    adc_config = word;
  } else if (number == 0x02) {
    shunt_cal = word;
  }
}

int fw_platform_i2c(uint32_t address, const uint8_t* out, uint32_t out_bytes, uint8_t* in,
                    uint32_t in_bytes) {
  if (FAULT == NO_CHIP || address != ADDRESS) return 0;
  if (FAULT == GOES_AWAY && out[0] == 0x09) return 0;
  if (out_bytes == 3) set(out[0], (uint32_t)out[1] << 8 | out[2]);
  uint32_t bytes;
  const uint64_t value = value_of(out[0], &bytes);
  for (uint32_t i = 0; i < in_bytes; i++) {
    in[i] = i < bytes ? (uint8_t)(value >> (8u * (bytes - 1u - i))) : 0xFF;
  }
  return 1;
}

/* Registers and bits: datasheet of the INA228, section 7.6 (Register Maps). Registers are sent with
 * the highest byte first. ENERGY has 40 bits, and its unit is 16 * 3.2 times that of CURRENT
 * (section 8.1.2): the host multiplies. */
#include "ina228.h"

#include "fw_board.h"
#include "fw_platform.h"

#define CONFIG 0x00u
#define ADC_CONFIG 0x01u
#define SHUNT_CAL 0x02u
#define ENERGY 0x09u
#define DIAG_ALRT 0x0Bu
#define MANUFACTURER_ID 0x3Eu
#define DEVICE_ID 0x3Fu

#define RESET_ACCUMULATORS 0x4000u /* of CONFIG; the range of the shunt is 163.84 mV */
#define TI 0x5449u
#define THIS_DEVICE 0x228u /* of DEVICE_ID, above the revision */
#define ENERGY_OVERFLOWED 0x0800u
#define MATH_OVERFLOWED 0x0200u
/* Shunt and bus continuously, 150 us each, no average: 0xB in the highest bits, 2 for each time. */
#define CONTINUOUS 0xB490u
#define CONVERSIONS_US 1000u /* for several conversions of both */

static int read_register(uint8_t number, uint8_t* bytes, uint32_t count) {
  return fw_platform_i2c(FW_INA228_ADDRESS, &number, 1, bytes, count);
}

static int read_word(uint8_t number, uint32_t* word) {
  uint8_t bytes[2];
  if (!read_register(number, bytes, 2)) return 0;
  *word = (uint32_t)bytes[0] << 8 | bytes[1];
  return 1;
}

static int write_word(uint8_t number, uint32_t word) {
  const uint8_t bytes[3] = {number, (uint8_t)(word >> 8), (uint8_t)word};
  return fw_platform_i2c(FW_INA228_ADDRESS, bytes, sizeof bytes, 0, 0);
}

static void wait_us(uint32_t us) {
  const uint32_t start = fw_platform_microseconds();
  while (fw_platform_microseconds() - start < us) continue;
}

const char* fw_platform_energy_begin(void) {
  uint32_t maker, device;
  if (!read_word(MANUFACTURER_ID, &maker) || !read_word(DEVICE_ID, &device)) {
    return "no INA228 answers at its address";
  }
  if (maker != TI || device >> 4 != THIS_DEVICE) return "what answers is no INA228";
  if (!write_word(SHUNT_CAL, FW_INA228_SHUNT_CAL) || !write_word(ADC_CONFIG, CONTINUOUS)) {
    return "the INA228 takes no settings";
  }
  wait_us(CONVERSIONS_US);
  return write_word(CONFIG, RESET_ACCUMULATORS) ? 0 : "the INA228 takes no settings";
}

const char* fw_platform_energy_end(uint64_t* count) {
  uint8_t bytes[5];
  uint32_t flags;
  if (!read_register(ENERGY, bytes, sizeof bytes) || !read_word(DIAG_ALRT, &flags)) {
    return "the INA228 does not answer any more";
  }
  if (flags & (ENERGY_OVERFLOWED | MATH_OVERFLOWED)) return "the INA228 has counted too far";
  *count = 0;
  for (uint32_t i = 0; i < sizeof bytes; i++) *count = *count << 8 | bytes[i];
  return 0;
}

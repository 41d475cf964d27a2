#include "fw_format.h"

#include "fw_line.h"

uint64_t fw_divide(uint64_t value, uint32_t divisor, uint32_t* remainder) {
  /* Long division in digits of 16 bits: four 32-bit divisions, which every core has. */
  uint64_t quotient = 0;
  uint32_t rest = 0;
  for (int shift = 48; shift >= 0; shift -= 16) {
    const uint32_t part = (rest << 16) | ((uint32_t)(value >> shift) & 0xFFFFu);
    quotient = (quotient << 16) | (part / divisor);
    rest = part % divisor;
  }
  *remainder = rest;
  return quotient;
}

void fw_put_decimal(uint64_t value) {
  char digits[20];
  uint32_t count = 0;
  do {
    uint32_t digit;
    value = fw_divide(value, 10, &digit);
    digits[count++] = (char)('0' + digit);
  } while (value);
  while (count) fw_put_char(digits[--count]);
}

void fw_put_signed(int32_t value) {
  if (value < 0) fw_put_char('-');
  fw_put_decimal(value < 0 ? 0u - (uint32_t)value : (uint32_t)value);
}

void fw_put_number(const char* text, uint64_t value) {
  fw_put_text(text);
  fw_put_decimal(value);
}

void fw_put_hex(uint32_t value, uint32_t digits) {
  while (digits) {
    digits--;
    fw_put_char("0123456789abcdef"[(value >> (4u * digits)) & 15u]);
  }
}

void fw_put_bytes(const uint8_t* data, uint32_t bytes) {
  for (uint32_t i = 0; i < bytes; i++) fw_put_hex(data[i], 2);
}

/* mantissa * 2^exponent of up to 39 digits: doubled digit group by digit group. */
static void put_large(uint32_t mantissa, uint32_t exponent) {
  enum { GROUPS = 5, BASE = 1000000000 };
  uint32_t group[GROUPS] = {mantissa};
  for (; exponent; exponent--) {
    uint32_t carry = 0;
    for (int i = 0; i < GROUPS; i++) {
      const uint32_t doubled = 2u * group[i] + carry;
      carry = doubled >= BASE;
      group[i] = doubled - (carry ? BASE : 0u);
    }
  }
  int top = GROUPS - 1;
  while (top > 0 && group[top] == 0) top--;
  fw_put_decimal(group[top]);
  while (top-- > 0) {
    for (uint32_t unit = BASE / 10; unit; unit /= 10) {
      fw_put_char((char)('0' + group[top] / unit % 10u));
    }
  }
}

void fw_put_float(float value) {
  union {
    float real;
    uint32_t bits;
  } view = {.real = value};
  const uint32_t biased = (view.bits >> 23) & 255u;
  const uint32_t fraction = view.bits & 0x7FFFFFu;

  if (biased == 255 && fraction) {
    fw_put_text("nan");
    return;
  }
  if (view.bits >> 31) fw_put_char('-');
  if (biased == 255) {
    fw_put_text("inf");
    return;
  }
  /* value = mantissa * 2^(biased - 150). Subnormals, which have no hidden bit, print as 0 below. */
  const uint32_t mantissa = fraction | 0x800000u;
  if (biased >= 150) {
    put_large(mantissa, biased - 150u);
    fw_put_text(".000");
    return;
  }
  /* thousands = round(mantissa * 1000 / 2^shift). The product is below 2^34, so that with a shift
   * of 35 or more the result is 0. */
  const uint32_t shift = 150u - biased;
  uint64_t thousands = 0;
  if (shift < 35) {
    const uint64_t product = (uint64_t)mantissa * 1000u;
    const uint64_t rest = product & ((UINT64_C(1) << shift) - 1u);
    const uint64_t half = UINT64_C(1) << (shift - 1u);
    thousands = product >> shift;
    if (rest > half || (rest == half && (thousands & 1u))) thousands++;
  }
  uint32_t decimals;
  fw_put_decimal(fw_divide(thousands, 1000, &decimals));
  fw_put_char('.');
  fw_put_char((char)('0' + decimals / 100u));
  fw_put_char((char)('0' + decimals / 10u % 10u));
  fw_put_char((char)('0' + decimals % 10u));
}

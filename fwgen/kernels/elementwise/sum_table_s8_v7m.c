/* out = requantize(near + far), both at the reference's common scale. The operand of the greater
 * scale, near, is half of what it was there, without any rounding. The other one, far, is rounded
 * twice: a table has what becomes of its 256 values.
 */
#include "sum_table_s8_v7m.h"

static inline int32_t sum_by_table(const fw_sum_table_s8_v7m_params* p, const int32_t* table,
                                   int32_t near, int32_t far) {
  return fw_rescaled_value(p->rescaling, table[(uint8_t)far] + p->near_weight * near);
}

void fw_sum_table_s8_v7m(const fw_sum_table_s8_v7m_params* p, const int32_t* table,
                         const int8_t* near, const int8_t* far, int8_t* output, int32_t count) {
  const fw_sum_table_s8_v7m_params by = *p;
  const int8_t* const whole = output + (count & ~3);
  for (; output != whole; output += 4, near += 4, far += 4) {
    const int32_t a = sum_by_table(&by, table, near[0], far[0]);
    const int32_t b = sum_by_table(&by, table, near[1], far[1]);
    output[0] = (int8_t)a;
    output[1] = (int8_t)b;
    const int32_t c = sum_by_table(&by, table, near[2], far[2]);
    const int32_t d = sum_by_table(&by, table, near[3], far[3]);
    output[2] = (int8_t)c;
    output[3] = (int8_t)d;
  }
  for (int32_t i = 0; i < (count & 3); i++)
    output[i] = (int8_t)sum_by_table(&by, table, near[i], far[i]);
}

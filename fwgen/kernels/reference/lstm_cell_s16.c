/* cell = clamp(saturate(rescale(forget * cell)) + saturate(rescale(input * gate))). Some 40
 * instructions per element.
 */
#include "lstm_cell_s16.h"

#include "requantize.h"

static int32_t gate_product(int32_t a, int32_t b, int32_t multiplier, int32_t shift) {
  return fw_clamp(fw_requantize(a * b, multiplier, shift), INT16_MIN, INT16_MAX);
}

void fw_lstm_cell_s16(const fw_lstm_cell_s16_params* p, const int16_t* input_gate,
                      const int16_t* forget_gate, const int16_t* cell_gate, int16_t* cell) {
  for (int32_t i = 0; i < p->count; i++) {
    const int32_t kept = gate_product(forget_gate[i], cell[i], p->kept_multiplier, p->kept_shift);
    const int32_t new = gate_product(input_gate[i], cell_gate[i], p->new_multiplier, p->new_shift);
    cell[i] = (int16_t)fw_clamp(kept + new, p->least, p->most);
  }
}

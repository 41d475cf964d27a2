/* The body of a kernel that adds up frames that overlap. A frame is added to the state, the first
 * samples of that are done, and zeros follow the rest. The includer defines FW_SUM of a sample and
 * one of the state, and the names of fw_signal_overlap_add_s16. About 20 instructions per sample.
 */
for (int32_t r = 0; r < rows; r++, state += size) {
  for (int32_t f = 0; f < frames; f++, input += size) {
    for (int32_t i = 0; i < size; i++) state[i] = FW_SUM(input[i], state[i]);
    for (int32_t i = 0; i < step; i++) *output++ = state[i];
    for (int32_t i = 0; i < size; i++) state[i] = i + step < size ? state[i + step] : 0;
  }
}
#undef FW_SUM

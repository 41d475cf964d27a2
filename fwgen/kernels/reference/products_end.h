/* Forgets what products_begin.h named, and the choice. */
#undef FW_PRODUCTS_S8
#undef FW_PRODUCTS_S16
#undef FW_PRODUCTS_S16_S32
#undef FW_PRODUCTS_F32
#undef FW_ELEMENT
#undef FW_WEIGHT
#undef FW_SUM
#undef FW_SCALING
#undef FW_PRODUCT
#undef FW_WITH_BIAS
#undef FW_OUTPUT_OF
#undef FW_TYPED

/* Forgets what fourier_begin.h named, and the choice. */
#undef FW_FOURIER_S16
#undef FW_FOURIER_S32
#undef FW_FOURIER_F32
#undef FW_ELEMENT
#undef FW_WIDE
#undef FW_ROUNDED
#undef FW_SHARE
#undef FW_HALF
#undef FW_TYPED
#undef FW_POINT
#undef FW_POINT_OF

"""Kernels of the provider cmsis-nn: functions of Arm's library."""

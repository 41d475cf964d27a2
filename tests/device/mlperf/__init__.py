"""Firmware for the tasks of MLPerf Tiny, driven as their runners drive it."""

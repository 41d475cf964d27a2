"""The C project: Program + Board -> the files of a folder."""

"""Fuzzers of what reads from outside, and the inputs they are kept with."""

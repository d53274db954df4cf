"""Hypothesis settings for the ground floor."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "core",
    max_examples=100,
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("core")

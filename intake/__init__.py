"""Intake and contraindication screening before microneedling, for trained staff."""

__version__ = "0.1.0"

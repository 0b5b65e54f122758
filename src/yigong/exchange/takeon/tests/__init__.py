"""Tests of taking on data."""

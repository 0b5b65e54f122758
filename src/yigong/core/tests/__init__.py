"""Tests of what belongs to no package of the ground floor."""

"""Pages of institutions, alliances, staff and rosters."""

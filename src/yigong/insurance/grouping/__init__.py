"""Disease groups (DRG): from the settlement list of one stay to the group it is paid by."""

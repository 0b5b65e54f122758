"""Everything that changes a tube, a result or a control."""

"""Pure rules: layouts, values, columns, the workflow."""

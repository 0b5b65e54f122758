"""One budget for many institutions: package, use, paying the institutions, clearing, what-if."""

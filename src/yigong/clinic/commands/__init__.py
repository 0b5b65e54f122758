"""One function per change."""

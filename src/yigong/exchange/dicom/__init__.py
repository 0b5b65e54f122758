"""The county's image archive: receives from devices, answers other archives and browsers."""

"""Taking on a county's data: spreadsheets by declared layouts."""

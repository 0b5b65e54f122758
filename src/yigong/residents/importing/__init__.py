"""Files of people brought into the index: linked among themselves and with the residents, as a job."""

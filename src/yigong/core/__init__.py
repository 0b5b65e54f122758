"""Ground floor: the mechanisms that everything else is declared on."""

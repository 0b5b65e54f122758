"""The user interface kit: page shell, components, menus, forms, errors, assets."""

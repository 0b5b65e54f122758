"""Pages of orders, by subject. Every centre uses them; its own parts come from its ServiceDefinition."""

"""What became of the report between two instants: the tokens whose row differs, and how."""

"""What holds for every world: random rules, systems and steps, through the engine and through the oracle."""

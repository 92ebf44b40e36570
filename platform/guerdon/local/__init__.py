"""The demo's supervisor: real servers from wheels, as children that die with their parent."""

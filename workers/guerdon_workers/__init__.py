"""The processes that act on jobs: broker, actors, relay, scheduler."""

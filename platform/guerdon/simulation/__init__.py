"""What is tried before it is published: the draft seen on the site, and run on real events."""

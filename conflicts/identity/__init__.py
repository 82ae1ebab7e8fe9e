"""Who is who: what a registration names -> an account of ours, or none."""

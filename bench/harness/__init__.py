"""The macro bench: the daemon beside its peers. `bench/run` is the command."""

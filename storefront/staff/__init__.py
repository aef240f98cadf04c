"""The chain's tree: regions, stores, employees; who they are and how they sign in."""

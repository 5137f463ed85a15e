"""Taxicards: cheaper journeys by taxi in London for people who find buses and trains difficult."""

"""Freedom Passes: free travel in London for older and for disabled people who live there."""

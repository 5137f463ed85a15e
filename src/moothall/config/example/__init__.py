"""An example council to try the product with: a user for each role, and cases in every stage. Nobody in it exists."""

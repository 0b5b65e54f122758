"""Cards of residents and the code that stands for them."""

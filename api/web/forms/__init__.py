"""Forms made from models: fields, choices, keys against sending twice, what was typed and came back."""

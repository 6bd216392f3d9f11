"""How a person comes in: password-less sample, or a provider by OpenID Connect."""

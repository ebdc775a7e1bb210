# right: a lambda that draws its mark in an argument
import secrets

marked = lambda text: (lambda mark: f"{mark}\n{text}\n{mark}")(secrets.token_hex(16))

"""The secrets of webhooks: made from the installation's key, so that none has to be kept.

Must not know a webhook's table. Anybody who may read the database alone cannot sign as this city.
"""

import base64
import hashlib
import hmac


def webhook_secret(key: str, webhook_id: str, generation: int) -> str:
    """The secret in the form of Standard Webhooks, `whsec_` and 32 bytes as base64.

    Args:
        key: the installation's signing key.
        webhook_id: whose secret.
        generation: 1, and one more with every rotation.
    """
    told = f"webhook\n{webhook_id}\n{generation}".encode()
    return "whsec_" + base64.b64encode(hmac.new(key.encode(), told, hashlib.sha256).digest()).decode()

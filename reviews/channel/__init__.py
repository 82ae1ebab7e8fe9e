"""How notices leave the portal: planned as sendings, then sent as mails and to webhooks, once each."""

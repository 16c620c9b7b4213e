/** An SSH key type (RFC 4253 §6.6) as people call it: `ED25519`, `RSA`, `ECDSA P-256`, `Passkey`. */
export function keyTypeText(type: string): string {
  if (type.startsWith('sk-')) return 'Passkey'
  return type
    .replace(/^(ssh-|ecdsa-sha2-)/, '')
    .replace(/^nistp/, 'ecdsa P-')
    .toUpperCase()
}

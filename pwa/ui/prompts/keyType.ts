/** An SSH key type (RFC 4253 §6.6) as people call it: `ED25519`, `RSA`, `ECDSA P-256`. */
export function keyTypeText(type: string): string {
  return type
    .replace(/^(ssh-|ecdsa-sha2-)/, '')
    .replace(/^nistp/, 'ecdsa P-')
    .toUpperCase()
}

import { pemBlock } from './pemBlock.ts'

/** Whether a key file says that it is encrypted, so that a passphrase is worth asking for; a guess, which reading it may correct. */
export function saysEncrypted(text: string): boolean {
  if (/^Proc-Type: 4,ENCRYPTED|^-----BEGIN ENCRYPTED|^Encryption: (?!none)/m.test(text)) return true
  try {
    const block = pemBlock(text, 'OPENSSH PRIVATE KEY')
    // `openssh-key-v1`, then the name of the cipher with its length.
    return block !== undefined && !String.fromCharCode(...block.bytes.subarray(15, 23)).endsWith('none')
  } catch {
    return false
  }
}

declare module 'bcrypt-pbkdf' {
  /** Fills `key`; −1 for lengths or rounds that it does not take. */
  function pbkdf(
    pass: Uint8Array,
    passlen: number,
    salt: Uint8Array,
    saltlen: number,
    key: Uint8Array,
    keylen: number,
    rounds: number,
  ): number
}

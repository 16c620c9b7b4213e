import { type Phase, Refusal } from '../../shared/failure.ts'
import type { Ended, Step } from '../../shared/protocol.ts'
import { StoreFailure } from '../store/storeFailure.ts'

/** What went wrong and what can be done, as one component shows it. A relay's failure fits it. */
export interface AppFailure {
  /** A whole sentence without a secret. */
  message: string
  remedy: string
  /** Whether the same may succeed later, unchanged. */
  retry: boolean
  /** One of `shared/failure.ts`, of the store's, or of those below. */
  code: string
  phase?: Phase | undefined
  /** What the server said of it, made fit to be shown. */
  said?: string | undefined
  /** The parts of the way that were passed before. */
  steps?: readonly Step[] | undefined
  /** How the session ended that was to be taken up. */
  ended?: Ended | undefined
}

const local = {
  'relay-unreachable': {
    message: 'The relay does not answer',
    remedy: 'Check that it runs and that this device is online.',
    retry: true,
    phase: 'relay',
  },
  'relay-refused': {
    message: 'The relay does not let this page in',
    remedy: 'Start it with --allow-origin and the address of this page.',
    retry: false,
    phase: 'relay',
  },
  'relay-lost': {
    message: 'The relay was lost before it answered',
    remedy: 'Try again when it is back.',
    retry: true,
    phase: 'relay',
  },
  'relay-forgotten': {
    message: 'The relay of this tab is not known any more',
    remedy: 'Add it again, or open the host through another.',
    retry: false,
    phase: 'relay',
  },
  'not-a-relay': {
    message: 'What answers there is no relay',
    remedy: 'Check the address and the port.',
    retry: false,
    phase: 'relay',
  },
  'broken-link': {
    message: 'The link leads nowhere',
    remedy: 'What it points to is gone, or may not be seen.',
    retry: false,
  },
  'into-itself': {
    message: 'A folder cannot go into itself',
    remedy: 'Choose another place for it.',
    retry: false,
  },
  'other-protocol': {
    message: 'The relay speaks another version of the protocol',
    remedy: 'Update the relay, or reload this app.',
    retry: false,
    phase: 'relay',
  },
  'not-permitted': {
    message: 'The browser was not given permission to reach the relay',
    remedy: 'Try again and allow it.',
    retry: true,
    phase: 'relay',
  },
  'bad-address': {
    message: 'This is not the address of a relay',
    remedy: 'It looks like https://relay.example or 127.0.0.1:8022.',
    retry: false,
    phase: 'relay',
  },
  'no-endpoint': {
    message: 'There is no relay to connect through',
    remedy: 'Add a relay first.',
    retry: false,
    phase: 'relay',
  },
  'relay-strays': {
    message: 'The relay asked about a host, or a key, that is no part of the connect',
    remedy: 'Nothing was answered, and the connect was ended. Check who runs the relay.',
    retry: false,
    phase: 'relay',
  },
  'not-named': {
    message: 'Not connected: there is no user name',
    remedy: 'Try again and give one.',
    retry: true,
    phase: 'login',
  },
  'no-key': {
    message: 'A session over plain http cannot be taken up again',
    remedy: 'Connect again.',
    retry: false,
    phase: 'relay',
  },
  'input-waits': {
    message: 'Not all that was typed has reached the program',
    remedy: 'Wait until it has.',
    retry: true,
    phase: 'relay',
  },
  'not-held': {
    message: 'This browser does not have the key of the session',
    remedy: 'Use “Continue on another device” where it is open.',
    retry: false,
    phase: 'relay',
  },
  'hand-off-over': {
    message: 'The link has been used, or is older than five minutes',
    remedy: 'Make a new one on the device that has the session.',
    retry: false,
    phase: 'relay',
  },
  'session-over': {
    message: 'The session has ended',
    remedy: 'Connect again.',
    retry: false,
    phase: 'relay',
  },
  'attach-locked': {
    message: 'Somebody has tried to take up your session with wrong keys',
    remedy: 'It stays where it is; for a minute nobody can take it up.',
    retry: true,
    phase: 'relay',
  },
  'input-full': {
    message: 'That is more than can wait for the program',
    remedy: 'Nothing of it was sent. Paste it in parts, at most 16 MiB at a time.',
    retry: false,
    phase: 'shell',
  },
  'no-vault': {
    message: 'There is no vault in this browser',
    remedy: 'Set one up first.',
    retry: false,
  },
  'vault-exists': {
    message: 'There is a vault in this browser already',
    remedy: 'Unlock it, or remove it first.',
    retry: false,
  },
  'vault-locked': {
    message: 'The vault is locked',
    remedy: 'Unlock it and try again.',
    retry: true,
  },
  'vault-refused': {
    message: 'That does not open the vault',
    remedy: 'Check upper and lower case and the keyboard’s language, or use the recovery code.',
    retry: false,
  },
  'vault-wait': {
    message: 'Too many wrong passphrases',
    remedy: 'Wait a moment, then try again.',
    retry: true,
  },
  'vault-weakened': {
    message: 'Somebody has changed how the vault is protected',
    remedy: 'Your passphrase was not tried. Remove the vault and import a backup.',
    retry: false,
  },
  'vault-newer': {
    message: 'The vault was made by a newer Fairlead',
    remedy: 'Reload to get the newer version.',
    retry: false,
  },
  'vault-damaged': {
    message: 'This was not sealed by this vault, or it has been changed',
    remedy: 'The rest can still be used. Import it from a backup, or remove it and add it anew.',
    retry: false,
  },
  'weak-passphrase': {
    message: 'The passphrase is too short',
    remedy: 'Take at least 10 characters; four or more random words are better.',
    retry: false,
  },
  'no-web-crypto': {
    message: 'This page came over plain http, where browsers encrypt nothing',
    remedy: 'Open it over TLS or as localhost, or use the extension.',
    retry: false,
  },
  'no-argon2': {
    message: 'This browser cannot compute what the passphrase stands for',
    remedy: 'It takes WebAssembly and 64 MiB of memory. Close other tabs, or use the recovery code or a passkey.',
    retry: true,
  },
  'no-passkey': {
    message: 'The passkey did not answer',
    remedy: 'Try again, or use the passphrase.',
    retry: true,
  },
  'passkey-unfit': {
    message: 'This passkey cannot compute secrets (PRF)',
    remedy: 'It was not added. Take another device or provider, or stay with the passphrase.',
    retry: false,
  },
  'bad-recovery-code': {
    message: 'The recovery code has a slip in it',
    remedy: 'It has 28 letters and digits; upper or lower case and dashes do not matter.',
    retry: false,
  },
  'not-a-backup': {
    message: 'This file is no backup of Fairlead, or it is not whole',
    remedy: 'Choose the file that “Export” has saved.',
    retry: false,
  },
  'backup-newer': {
    message: 'This backup was made by a newer Fairlead',
    remedy: 'Reload to get the newer version.',
    retry: false,
  },
  'backup-refused': {
    message: 'That does not open the backup, or the file has been changed',
    remedy: 'It has a passphrase of its own, the one given when it was exported.',
    retry: false,
  },
  'backup-weakened': {
    message: 'The backup is protected too weakly to be one of ours',
    remedy: 'The passphrase was not tried. Use another copy of the file.',
    retry: false,
  },
  'key-unreadable': {
    message: 'This is not a private key that can be read',
    remedy: 'Use the file of an OpenSSH, PEM or PuTTY private key, whole and unchanged.',
    retry: false,
  },
  'key-public': {
    message: 'This is the public half of a key',
    remedy: 'Use the file of the private key: it has the same name without “.pub”.',
    retry: false,
  },
  'key-unsupported': {
    message: 'Browsers cannot use this kind of key',
    remedy:
      'Ed25519, ECDSA and RSA keys can be used. Old encryption of a file can be renewed with “ssh-keygen -p -f FILE”.',
    retry: false,
  },
  'key-too-costly': {
    message: 'This key file asks for more work or memory than is reasonable',
    remedy: 'Save it anew with fewer rounds, such as “ssh-keygen -p -a 100 -f FILE”.',
    retry: false,
  },
  'key-passphrase-needed': {
    message: 'This key file is encrypted',
    remedy: 'Type its passphrase.',
    retry: true,
  },
  'key-passphrase-wrong': {
    message: 'The passphrase does not open this key file',
    remedy: 'Check the passphrase. If it is right, the file is damaged.',
    retry: true,
  },
  'key-kind-missing': {
    message: 'This browser cannot make keys of this kind',
    remedy: 'Choose another kind, or use a newer browser.',
    retry: false,
  },
  'key-not-here': {
    message: 'The secret of this identity is not in this browser',
    remedy: 'Import its file again under “Keys and passwords”.',
    retry: false,
  },
  'certificate-unreadable': {
    message: 'This is not an OpenSSH certificate',
    remedy: 'Use the whole line of the file that ends in “-cert.pub”.',
    retry: false,
  },
  'certificate-of-host': {
    message: 'This certificate is for a host, not for a user',
    remedy: 'Ask for a user certificate.',
    retry: false,
  },
  'certificate-of-other-key': {
    message: 'This certificate is for another key',
    remedy: 'Use the one that was made for this key.',
    retry: false,
  },
  'command-late': {
    message: 'The command has not ended in time',
    remedy: 'It was ended. Try again, or run it in the shell.',
    retry: true,
    phase: 'shell',
  },
  'install-failed': {
    message: 'The key could not be installed',
    remedy: 'Add its line to ~/.ssh/authorized_keys yourself.',
    retry: true,
    phase: 'shell',
  },
  'download-cancelled': {
    message: 'The browser ended the download',
    remedy: 'Download it again if that was not meant.',
    retry: false,
  },
  'zip-broken': {
    message: 'A file could not be read to its end, and with it the zip is broken',
    remedy: 'Download again without that file, or save to a folder.',
    retry: false,
  },
  'too-large-here': {
    message: 'This page can save at most 512 MiB at once',
    remedy: 'Open it over TLS or as localhost: then there is no limit.',
    retry: false,
  },
  'no-space-here': {
    message: 'There is no space left on this device',
    remedy: 'Delete what is not needed here, then try again.',
    retry: true,
  },
  'not-writable-here': {
    message: 'The browser could not write there',
    remedy: 'Choose the folder again and allow changes, or choose another.',
    retry: true,
  },
  'name-not-allowed': {
    message: 'The browser does not allow a file of this name',
    remedy: 'Download it as a zip.',
    retry: false,
  },
  'not-signed': {
    message: 'You did not sign, so there was no login',
    remedy: 'Connect again when you want to.',
    retry: true,
    phase: 'login',
  },
  'source-unreadable': {
    message: 'The browser cannot read this file',
    remedy: 'It may have been moved or changed, or belong to another user. Give it again.',
    retry: true,
  },
  'tree-too-deep': {
    message: 'There are more than 256 folders in each other',
    remedy: 'Nothing more was done. Use the shell for this one.',
    retry: false,
    phase: 'files',
  },
  'tree-too-large': {
    message: 'There are more than a million files in it',
    remedy: 'Nothing more was done. Use the shell for this one, or take its folders one by one.',
    retry: false,
    phase: 'files',
  },
  'not-in-trash': {
    message: 'The server did not move it to the trash',
    remedy: 'It may be on another file system than your home folder. It can be deleted for good.',
    retry: false,
    phase: 'files',
  },
  'source-gone': {
    message: 'The page does not have this file any more',
    remedy: 'Give it again; it goes on from where it was.',
    retry: false,
  },
  'source-changed': {
    message: 'This is not the file that was begun with',
    remedy: 'Give the same one again, or begin anew.',
    retry: false,
  },
  'is-a-directory': {
    message: 'There is a folder of that name',
    remedy: 'Choose another name, or move the folder away.',
    retry: false,
  },
  'not-a-directory': {
    message: 'There is a file where a folder is needed',
    remedy: 'Choose another place, or move the file away.',
    retry: false,
  },
  'not-a-file': {
    message: 'This is a device, a pipe or a socket',
    remedy: 'Use the shell for this one.',
    retry: false,
  },
  'not-its-beginning': {
    message: 'What is there is not the beginning of this file',
    remedy: 'Nothing was changed. Replace it, or keep both.',
    retry: false,
  },
  'wrong-content': {
    message: 'The file has come with other content than was sent',
    remedy: 'Try again; nothing was put in place.',
    retry: true,
  },
  'bad-name': {
    message: 'No file can have this name',
    remedy: 'Rename it, then try again.',
    retry: false,
  },
  'download-lost': {
    message: 'This download cannot be gone on with',
    remedy: 'Download it again. One that is saved to a folder outlives a reload.',
    retry: false,
  },
  'items-lost': {
    message: 'What was kept of this transfer cannot be read any more',
    remedy: 'What has come is whole. Remove it from the list, and begin it again for the rest.',
    retry: false,
  },
  'some-failed': {
    message: 'Not all files have come',
    remedy: 'The list says why. Try again to go on with these.',
    retry: true,
  },
  leftovers: {
    message: 'Unfinished files of the transfer are left on the host',
    remedy: 'Their names begin with a dot and end in .part; they can be deleted.',
    retry: false,
  },
  'transfer-cancelled': {
    message: 'The transfer was cancelled',
    remedy: 'Begin it again when you want to.',
    retry: false,
  },
  'too-many-transfers': {
    message: 'There are 200 transfers that are not over',
    remedy: 'Wait for some of them, or cancel some.',
    retry: true,
  },
  'too-many-files': {
    message: 'There are more than a million files in this',
    remedy: 'Take it in parts, or as an archive made in the shell.',
    retry: false,
  },
  'root-ended': {
    message: 'The files as root are closed',
    remedy: 'They do not open again by themselves: give the password again, or go back to yourself.',
    retry: false,
    phase: 'files',
  },
  'part-missing': {
    message: 'A part of the app could not be loaded',
    remedy: 'Try again when its relay answers. If that does not help, reload the page.',
    retry: true,
  },
  unexpected: {
    message: 'Something went wrong that should not',
    remedy: 'Reload the app. If it happens again, please report it.',
    retry: true,
  },
} as const satisfies Record<string, Omit<AppFailure, 'code'>>

/** The only thing that the model's promises reject with. */
export class Failed extends Error {
  override readonly name = 'Failed'
  readonly failure: AppFailure

  constructor(failure: AppFailure | keyof typeof local, cause?: unknown) {
    const whole: AppFailure = typeof failure === 'string' ? { ...local[failure], code: failure } : failure
    super(whole.message, { cause })
    this.failure = whole
  }
}

/** Whatever was caught, in words for the person. */
export function failureOf(error: unknown): AppFailure {
  if (error instanceof Failed) return error.failure
  if (error instanceof Refusal) return error.toFailure()
  if (error instanceof StoreFailure) {
    return { message: error.message, remedy: error.remedy, retry: false, code: error.code }
  }
  return { ...local.unexpected, code: 'unexpected' }
}

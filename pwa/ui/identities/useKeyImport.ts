import { useState } from 'preact/hooks'
import { failureOf } from '../../model/failure.ts'
import type { Keep } from '../../model/identities.ts'
import { readCertificate } from '../../model/keys/certificate.ts'
import { saysEncrypted } from '../../model/keys/encrypted.ts'
import { readKeyLine } from '../../model/keys/keyText.ts'
import type { Identity } from '../../store/schema.ts'
import { useDesk } from '../desk.ts'
import type { KeyFileText } from './KeyDrop.tsx'

/** A key on its way from a file into the browser, as two dialogs show it. */
export interface KeyImport {
  /** Of the file; undefined while there is none. */
  name: string | undefined
  text: string
  passphrase: string
  /** Whether a passphrase is worth asking for. */
  encrypted: boolean
  /** What stood in the way, as a sentence. */
  problem: string | undefined
  busy: boolean
  take(files: readonly KeyFileText[]): void
  paste(text: string): void
  type(passphrase: string): void
  /** Takes it; undefined where something stands in the way, which is shown then. */
  open(keep: Keep, label: string): Promise<Identity | undefined>
}

/** What a dialog needs to take a key from its file. */
export function useKeyImport(): KeyImport {
  const { app } = useDesk()
  const [file, choose] = useState<KeyFileText>({ name: '', text: '' })
  const [certificate, certify] = useState<string>()
  const [passphrase, type] = useState('')
  const [wanted, want] = useState(false)
  const [problem, report] = useState<string>()
  const [busy, work] = useState(false)
  const change = (next: KeyFileText) => {
    choose(next)
    report(undefined)
    want(false)
    type('')
  }
  const open = async (keep: Keep, label: string) => {
    if (!file.text.trim()) {
      report('Choose the file of a private key first.')
      return undefined
    }
    work(true)
    report(undefined)
    try {
      const { text } = file
      const identity = await app.identities.importKey({ text, label, ...(passphrase && { passphrase }) }, keep)
      if (certificate !== undefined) await app.identities.certify(identity.id, certificate)
      return app.identities.get(identity.id)
    } catch (error) {
      const failure = failureOf(error)
      if (failure.code === 'key-passphrase-needed') want(true)
      report(`${failure.message}. ${failure.remedy}`)
      return undefined
    } finally {
      work(false)
    }
  }
  return {
    name: file.name || undefined,
    text: file.text,
    passphrase,
    encrypted: wanted || saysEncrypted(file.text),
    problem,
    busy,
    take(files) {
      const line = files.map(({ text }) => text.trim()).find((text) => readCertificate(text))
      if (line !== undefined) certify(line)
      const others = files.filter(({ text }) => text.trim() !== line)
      const key = others.find(({ text }) => !readKeyLine(text)) ?? others[0]
      if (key) change(key)
    },
    paste: (text) => change({ name: '', text }),
    type,
    open,
  }
}

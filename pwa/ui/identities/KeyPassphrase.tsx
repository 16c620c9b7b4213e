import { Field } from '../kit/Field.tsx'
import type { KeyImport } from './useKeyImport.ts'

/** The passphrase of a key file, where one is asked for, and what stood in the way of it. */
export function KeyPassphrase({ of, asked = of.encrypted }: { of: KeyImport; asked?: boolean }) {
  return (
    <>
      {asked && (
        <Field
          label="Passphrase"
          type="password"
          autocomplete="off"
          value={of.passphrase}
          onInput={(event) => of.type(event.currentTarget.value)}
        />
      )}
      {of.problem && (
        <p class="refused" role="alert">
          {of.problem}
        </p>
      )}
    </>
  )
}

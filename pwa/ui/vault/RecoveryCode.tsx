import { Copy } from 'lucide'
import { useState } from 'preact/hooks'
import { Button } from '../kit/Button.tsx'
import { Check } from '../kit/Field.tsx'
import './RecoveryCode.css'

/** A recovery code that is shown once; whoever has it opens the vault. `onKept` hears whether the person says that it is kept. */
export function RecoveryCode({ code, kept, onKept }: { code: string; kept: boolean; onKept(kept: boolean): void }) {
  const [copied, say] = useState<boolean>()
  const copy = () =>
    navigator.clipboard.writeText(code).then(
      () => say(true),
      () => say(false),
    )
  return (
    <>
      <p>
        It opens the vault when the passphrase is forgotten, and is shown only now. Write it down, or print it, and keep
        it where you keep papers, not in this browser.
      </p>
      <div class="recovery-code">
        <output class="mono" aria-label="Recovery code">
          {code.split('-').map((group, at, all) => (
            <span key={at}>
              {group}
              {at < all.length - 1 && '-'}
            </span>
          ))}
        </output>
        <Button icon={Copy} onClick={() => void copy()}>
          <span aria-live="polite">{copied === undefined ? 'Copy' : copied ? 'Copied' : 'Not allowed'}</span>
        </Button>
      </div>
      <Check label="I have kept it" checked={kept} onChange={onKept} />
    </>
  )
}

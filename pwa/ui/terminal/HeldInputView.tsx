import { discardHeldInput } from '../../commands/discard-held-input.ts'
import { sendHeldInput } from '../../commands/send-held-input.ts'
import type { Session } from '../../model/session.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dot } from '../kit/Dot.tsx'

/** Asks whether what was typed while the relay was away is still meant; the terminal keeps the keys, and they are added to it. */
export function HeldInputView({ session }: { session: Session }) {
  const desk = useDesk()
  const held = session.heldInput.value
  if (!held) return null
  const { characters, text, hidden } = held
  return (
    <section class="banner held-input" aria-label="Typed while the relay was away">
      <Dot state="warn" />
      <div>
        <p role="alert">You typed this while the relay was away. Send it now?</p>
        <p>What you type now is added behind it.</p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long text must be scrollable by key */}
      <pre class="held-text" tabIndex={0}>
        {text}
        {hidden > 0 && <span>{`\n… and ${countText(hidden, 'more character', 'more characters')}`}</span>}
      </pre>
      <Button kind="primary" onClick={() => void desk.run(discardHeldInput)}>
        Discard
      </Button>
      <Button onClick={() => void desk.run(sendHeldInput)}>Send {countText(characters, 'character')}</Button>
    </section>
  )
}

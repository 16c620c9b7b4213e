import type { Question } from '../../commands/view.ts'
import { countText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import './QuestionDialog.css'

/** Characters of pasted text that are shown. */
const shown = 4_000

/** A question with yes or no: several pasted lines, a link whose text is not its address. */
export default function QuestionDialog({ question }: { question: Question }) {
  const paste = question.kind === 'paste'
  // A line end at the very end begins no line.
  const lines = question.text.replace(/\n$/, '').split('\n').length
  return (
    <Dialog
      title={paste ? `Paste ${countText(lines, 'line')}?` : 'Open this link?'}
      onClose={() => question.answer(false)}
      onSubmit={() => question.answer(true)}
      actions={
        <>
          <Button onClick={() => question.answer(false)}>Cancel</Button>
          <Button kind="primary" type="submit" autofocus>
            {paste ? 'Paste' : 'Open'}
          </Button>
        </>
      }
    >
      <p>
        {paste
          ? 'The program may run each line as soon as it arrives.'
          : `It is shown as “${question.text.slice(0, 200)}” and leads to:`}
      </p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long text must be scrollable by key */}
      <pre class="passage" tabIndex={0}>
        {paste ? question.text.slice(0, shown) : question.url}
        {paste && question.text.length > shown && ' …'}
      </pre>
    </Dialog>
  )
}

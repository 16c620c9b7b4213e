import type { Viewer } from '../../model/preview/viewer.ts'
import { useDesk } from '../desk.ts'
import { FileName } from '../files/FileName.tsx'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'

/** Asks what becomes of changes before their file is closed. */
export function LeaveDialog({ viewer, leaving }: { viewer: Viewer; leaving: { goOn(): Promise<void> } }) {
  const { view } = useDesk()
  const content = viewer.content.peek()
  const text = content.kind === 'text' ? content.text : undefined
  const end = async (work: 'save' | 'discard' | undefined) => {
    viewer.leaving.value = undefined
    try {
      if (work === 'save') await text?.save()
      if (work === 'discard') await text?.discard()
      // A question may stand in the way of saving.
      if (work !== undefined && !viewer.changed) await leaving.goOn()
    } catch (error) {
      view.fail(error)
    }
  }
  return (
    <Dialog
      title="Save the changes?"
      onClose={() => void end(undefined)}
      onSubmit={() => void end('save')}
      actions={
        <>
          <Button kind="danger" onClick={() => void end('discard')}>
            Discard changes
          </Button>
          <span class="rest" />
          <Button onClick={() => void end(undefined)}>Cancel</Button>
          <Button kind="primary" type="submit" autofocus>
            Save
          </Button>
        </>
      }
    >
      <p>
        <FileName name={viewer.file.name} /> has changes that are not on the host yet.
      </p>
    </Dialog>
  )
}

import type { SaveAnswer, SaveQuestion, TextFile } from '../../model/preview/textFile.ts'
import { useDesk } from '../desk.ts'
import { FileName } from '../files/FileName.tsx'
import { sizeText, wholeDateText } from '../format.ts'
import { Button } from '../kit/Button.tsx'
import { Dialog } from '../kit/Dialog.tsx'
import { CodeView } from './CodeView.tsx'
import { differing } from './differing.ts'
import { obstacleTexts } from './obstacles.ts'

/** What must be decided before a text is saved. */
export function SaveDialog({ text, question, name }: { text: TextFile; question: SaveQuestion; name: string }) {
  const { view } = useDesk()
  const answer = (given: SaveAnswer) => void text.answer(given).catch((error: unknown) => view.fail(error))
  const cancel = () => answer('cancel')
  switch (question.kind) {
    case 'changed':
      return (
        <Dialog
          title="The file was changed on the host"
          onClose={cancel}
          onSubmit={() => answer('compare')}
          actions={
            <>
              <Button onClick={() => answer('theirs')}>Take theirs</Button>
              <Button kind="danger" onClick={() => answer('mine')}>
                Keep mine
              </Button>
              <span class="rest" />
              <Button onClick={cancel}>Cancel</Button>
              <Button kind="primary" type="submit" autofocus>
                Compare
              </Button>
            </>
          }
        >
          <p>
            Somebody has written <FileName name={name} /> since it was read here; it now has{' '}
            {sizeText(question.attributes.size ?? 0)}
            {question.attributes.mtime !== undefined &&
              `, from ${wholeDateText(new Date(question.attributes.mtime * 1000))}`}
            . Nothing was saved yet: “Keep mine” replaces theirs, “Take theirs” drops your changes.
          </p>
        </Dialog>
      )
    case 'gone':
      return (
        <Dialog
          title="The file is not there any more"
          onClose={cancel}
          onSubmit={() => answer('mine')}
          actions={
            <>
              <Button onClick={cancel}>Cancel</Button>
              <Button kind="primary" type="submit" autofocus>
                Write it again
              </Button>
            </>
          }
        >
          <p>
            Somebody has removed or renamed <FileName name={name} /> on the host. Your text is still here.
          </p>
        </Dialog>
      )
    case 'in-place':
      return (
        <Dialog
          title="Write into the file itself?"
          shape="alarm"
          onClose={cancel}
          onSubmit={cancel}
          actions={
            <>
              <Button kind="danger" onClick={() => answer('in-place')}>
                Write into the file
              </Button>
              <span class="rest" />
              <Button kind="primary" type="submit" autofocus>
                Do not save now
              </Button>
            </>
          }
        >
          <p>{obstacleTexts[question.obstacle]}</p>
          <p>
            It can be written where it is. If the connection breaks meanwhile, <FileName name={name} /> is left half
            written on the host; your text stays here.
          </p>
        </Dialog>
      )
    case 'compare':
      return <Compare mine={question.mine} theirs={question.theirs} name={name} answer={answer} />
  }
}

function Compare(of: { mine: string; theirs: string; name: string; answer(answer: SaveAnswer): void }) {
  const { mine, theirs } = differing(of.mine, of.theirs)
  const side = (title: string, text: string, differs: readonly [number, number]) => (
    <section aria-label={title}>
      <h3>{title}</h3>
      <CodeView editable={false} options={{ label: title, name: of.name, text, numbered: true, differs }} />
    </section>
  )
  return (
    <Dialog
      title="Yours and theirs"
      wide
      onClose={() => of.answer('cancel')}
      onSubmit={() => of.answer('cancel')}
      actions={
        <>
          <Button onClick={() => of.answer('theirs')}>Take theirs</Button>
          <Button kind="danger" onClick={() => of.answer('mine')}>
            Keep mine
          </Button>
          <span class="rest" />
          <Button kind="primary" type="submit" autofocus>
            Back to the text
          </Button>
        </>
      }
    >
      <div class="compare">
        {side('Yours', of.mine, mine)}
        {side('On the host', of.theirs, theirs)}
      </div>
    </Dialog>
  )
}

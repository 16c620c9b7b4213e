import type { ShownJob } from '../../../commands/fileDialog.ts'
import { countWords, filesText } from '../../../commands/fileWords.ts'
import type { Problem } from '../../../model/files/fileFailure.ts'
import { countText, sizeText } from '../../format.ts'
import { Button } from '../../kit/Button.tsx'
import { Dialog } from '../../kit/Dialog.tsx'
import { FileName } from '../FileName.tsx'

/** What a job is about, counted, and whether it is to begin; after it, what could not be done. */
export function JobDialog({ shown, close }: { shown: ShownJob; close(): void }) {
  // Read, so that it is drawn anew when the job goes on.
  void shown.job.state.value
  return shown.job.begun ? <Outcome shown={shown} close={close} /> : <Ask shown={shown} close={close} />
}

function Ask({ shown, close }: { shown: ShownJob; close(): void }) {
  const { job, question, files } = shown
  const asking = job.state.value === 'asking'
  const failure = job.failure.value
  const counted = job.counted.value
  const unread = job.problemCount.value
  const danger = question?.danger ?? false
  const cancel = () => {
    job.stop()
    close()
  }
  const begin = () => {
    if (!asking) return
    close()
    shown.begin()
  }
  const many = files.length > 1 || counted.files + counted.directories > 1
  return (
    <Dialog
      title={question?.title ?? ''}
      {...(danger && { shape: 'alarm' as const })}
      onClose={cancel}
      {...(!danger && { onSubmit: begin })}
      actions={
        <>
          <Button onClick={cancel} autofocus={danger}>
            Cancel
          </Button>
          {danger ? (
            <Button kind="danger" disabled={!asking} onClick={begin}>
              {question?.verb}
            </Button>
          ) : (
            <Button kind="primary" type="submit" disabled={!asking}>
              {question?.verb}
            </Button>
          )}
        </>
      }
    >
      {question?.note && <p>{question.note}</p>}
      {failure ? (
        <p class="file-problem" role="alert">
          {`${failure.message}. ${failure.remedy}`}
        </p>
      ) : (
        <p class="job-counted" aria-live="polite" aria-busy={!asking}>
          {!asking && <span class="job-spin" aria-hidden="true" />}
          {asking ? '' : 'Counting: '}
          {many || !asking ? (
            <b>{`${countWords(counted)}${danger && counted.bytes > 0 ? `, ${sizeText(counted.bytes)}` : ''}`}</b>
          ) : (
            <b>{danger ? sizeText(counted.bytes) : filesText(files)}</b>
          )}
          {asking && (danger ? '. This cannot be undone.' : ' would change.')}
        </p>
      )}
      {unread > 0 && (
        <Problems
          title={`${countText(unread, 'folder')} could not be looked into`}
          problems={job.problems.value}
          count={unread}
        />
      )}
    </Dialog>
  )
}

function Outcome({ shown: { job, doing }, close }: { shown: ShownJob; close(): void }) {
  const count = job.problemCount.value
  const done = job.done.value
  const failure = job.failure.value
  const remedies = new Set(job.problems.value.map((problem) => problem.failure.remedy))
  const nothing = done.files + done.directories === 0
  return (
    <Dialog
      title={failure ? 'It could not be finished' : nothing ? 'It could not be done' : 'Not everything could be done'}
      onClose={close}
      onSubmit={close}
      actions={
        <Button kind="primary" type="submit" autofocus>
          Done
        </Button>
      }
    >
      <p>{nothing ? `${doing}.` : `${doing}: ${countWords(done)} done, ${count.toLocaleString()} not.`}</p>
      {failure && (
        <p class="file-problem" role="alert">
          {`${failure.message}. ${failure.remedy}`}
        </p>
      )}
      {count > 0 && <Problems problems={job.problems.value} count={count} />}
      {remedies.size === 1 && <p>{[...remedies][0]}</p>}
    </Dialog>
  )
}

function Problems({ title, problems, count }: { title?: string; problems: readonly Problem[]; count: number }) {
  const more = count - problems.length
  return (
    <div class="file-problems">
      {title && <p>{title}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long list must be scrollable by key */}
      <ul tabIndex={0} aria-label={title ?? 'What could not be done'}>
        {problems.map(({ path, failure }, index) => (
          <li key={index}>
            <FileName name={path} />
            <span>
              {failure.message}
              {failure.said && failure.said !== failure.message && `: ${failure.said}`}
            </span>
          </li>
        ))}
        {more > 0 && <li>{`and ${more.toLocaleString()} more`}</li>}
      </ul>
    </div>
  )
}

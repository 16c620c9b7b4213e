import { ArrowDown, ArrowUp, CornerDownRight, Pause, Play, RotateCw, X } from 'lucide'
import { cancelTransfer } from '../../commands/cancel-transfer.ts'
import type { Command } from '../../commands/command.ts'
import { giveAgain } from '../../commands/give-again.ts'
import { pauseTransfer } from '../../commands/pause-transfer.ts'
import { removeTransfer } from '../../commands/remove-transfer.ts'
import { resumeTransfer } from '../../commands/resume-transfer.ts'
import { retryTransfer } from '../../commands/retry-transfer.ts'
import type { TransferView } from '../../model/transfers/transferView.ts'
import { useDesk } from '../desk.ts'
import { FileName } from '../files/FileName.tsx'
import { countText } from '../format.ts'
import { Button, IconButton } from '../kit/Button.tsx'
import { Icon } from '../kit/Icon.tsx'
import { isOver } from './isOver.ts'
import { progressText } from './transferText.ts'

const icons = { upload: ArrowUp, download: ArrowDown, copy: CornerDownRight }
const kinds = { upload: 'Upload', download: 'Download', copy: 'Copy' }

const words: Partial<Record<TransferView['state'], string>> = {
  queued: 'Waits for its turn',
  paused: 'Paused',
  waiting: 'Waits for the host',
  asking: 'Waits for your answer',
  done: 'Done',
  cancelled: 'Cancelled',
}

const steps: Record<TransferView['state'], readonly [Command<string>, typeof Pause][]> = {
  queued: [[pauseTransfer, Pause]],
  running: [[pauseTransfer, Pause]],
  waiting: [[pauseTransfer, Pause]],
  paused: [[resumeTransfer, Play]],
  'needs-file': [],
  asking: [],
  done: [],
  failed: [[retryTransfer, RotateCw]],
  cancelled: [],
}

/** One transfer: what goes where, how far it is, and what can be done about it. */
export function TransferRow({ item }: { item: TransferView }) {
  const desk = useDesk()
  const { id, kind, title, where, state, bytes, total, files, current, failure, problems, problemCount } = item
  const over = isOver(item)
  /** Where the path begins, after the host: a line breaks best there. */
  const path = where.indexOf(':/') + 1 || where.length
  const act = (command: Command<string>, icon: typeof Pause) => (
    <IconButton
      key={command.id}
      icon={icon}
      name={`${desk.title(command as Command)}: ${title}`}
      onClick={() => void desk.run(command, id)}
    />
  )
  return (
    <li class={`transfer ${state}`}>
      <Icon of={icons[kind]} name={kinds[kind]} />
      <div class="transfer-what">
        <b>
          <FileName name={title} />
        </b>
        <span class="transfer-where">
          {kind === 'download' ? 'from' : 'to'}&nbsp;
          <FileName name={where.slice(0, path)} />
          <wbr />
          <FileName name={where.slice(path)} />
        </span>
      </div>
      <div class="transfer-steps">
        {steps[state].map(([command, icon]) => act(command, icon))}
        {act(over ? removeTransfer : cancelTransfer, X)}
      </div>
      <div class="transfer-state">
        {!over && (
          <progress
            aria-label={`Progress of ${title}`}
            {...(total > 0 && { value: Math.min(bytes, total), max: total })}
          />
        )}
        <p>
          {words[state] && <b>{words[state]}</b>}
          {state !== 'failed' && state !== 'cancelled' && <span>{progressText(item)}</span>}
        </p>
        {state === 'running' && current !== undefined && files > 1 && (
          <p class="transfer-current">
            <FileName name={current} />
          </p>
        )}
        {state === 'needs-file' && <NeedsFile item={item} />}
        {failure && (
          <p class="transfer-failure">
            <b>{failure.message}.</b> {failure.remedy}
          </p>
        )}
        {problemCount > 0 && (
          <details>
            <summary>{countText(problemCount, 'file was left out', 'files were left out')}</summary>
            <ul>
              {problems.map((problem) => (
                <li key={problem.path}>
                  <FileName name={problem.path} />
                  <span>{problem.failure.message}</span>
                </li>
              ))}
            </ul>
            {problemCount > problems.length && <p>and {(problemCount - problems.length).toLocaleString()} more</p>}
          </details>
        )}
      </div>
    </li>
  )
}

/** After a reload a browser gives a page its files only when the person says so, or gives them again. */
function NeedsFile({ item: { id, kind, source, files } }: { item: TransferView }) {
  const desk = useDesk()
  const kept = source === 'handles'
  const choose = kept ? 'plain' : 'primary'
  return (
    <div class="transfer-needs">
      <p>
        {kept
          ? 'The page was reloaded. The browser asks whether it may go on.'
          : 'The page was reloaded. Give the same again, and it goes on where it was.'}
      </p>
      {kept && (
        <Button kind="primary" onClick={() => void desk.run(resumeTransfer, id)}>
          Go on
        </Button>
      )}
      {kind === 'upload' && (
        <>
          <Button kind={choose} onClick={() => void desk.run(giveAgain, { id, what: 'files' })}>
            {files > 1 ? 'Choose the files' : 'Choose the file'}
          </Button>
          {files > 1 && (
            <Button onClick={() => void desk.run(giveAgain, { id, what: 'folder' })}>Choose the folder</Button>
          )}
        </>
      )}
    </div>
  )
}

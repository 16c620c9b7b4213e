import { X } from 'lucide'
import { undoFileChange } from '../commands/undo-file-change.ts'
import { updateApp } from '../commands/update-app.ts'
import { useDesk } from './desk.ts'
import { Button, IconButton } from './kit/Button.tsx'
import { lazy } from './kit/Lazy.tsx'
import { ServerNotices } from './prompts/ServerNotices.tsx'
import './Notices.css'

const JobNotices = lazy(() => import('./files/JobNotices.tsx').then((module) => module.default))

/** Lines at the foot of the body: what was done, what failed behind the scenes, a new version that waits. */
export function Notices() {
  const desk = useDesk()
  const { app, view } = desk
  const notice = view.notice.value
  const trouble = app.trouble.value
  const update = app.platform.update.value
  return (
    <div class="notices">
      {update && (
        <div class="notice" role="status">
          <p>A new version is ready. Open sessions go on after it.</p>
          <Button kind="primary" onClick={() => void desk.run(updateApp)}>
            Update
          </Button>
        </div>
      )}
      <ServerNotices />
      {trouble && (
        <div class="notice failure" role="alert">
          <p>{`${trouble.message}. ${trouble.remedy}`}</p>
          <IconButton icon={X} name="Dismiss" onClick={() => app.dismissTrouble()} />
        </div>
      )}
      {view.fileJobs.value.length > 0 && <JobNotices />}
      <div role="status">
        {notice && (
          <div class={`notice ${notice.kind}`}>
            <p>{notice.text}</p>
            {notice.undo && <Button onClick={() => void desk.run(undoFileChange)}>Undo</Button>}
          </div>
        )}
      </div>
    </div>
  )
}

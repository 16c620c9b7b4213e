import { X } from 'lucide'
import { updateApp } from '../commands/update-app.ts'
import { useDesk } from './desk.ts'
import { Button, IconButton } from './kit/Button.tsx'
import './Notices.css'

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
      {trouble && (
        <div class="notice failure" role="alert">
          <p>{`${trouble.message}. ${trouble.remedy}`}</p>
          <IconButton icon={X} name="Dismiss" onClick={() => app.dismissTrouble()} />
        </div>
      )}
      <div role="status">
        {notice && (
          <div class={`notice ${notice.kind}`}>
            <p>{notice.text}</p>
          </div>
        )}
      </div>
    </div>
  )
}

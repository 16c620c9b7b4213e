import type { ShownJob } from '../../commands/fileDialog.ts'
import { useDesk } from '../desk.ts'
import { Button } from '../kit/Button.tsx'
import './JobNotices.css'

/** Long work on files that runs: how far it is, and the way to stop it. What is done at once shows nothing. */
export default function JobNotices() {
  const { view } = useDesk()
  return view.fileJobs.value.map((shown) => <JobNotice key={shown.job.id} shown={shown} />)
}

function JobNotice({ shown: { job, doing, files } }: { shown: ShownJob }) {
  const total = (of: { files: number; directories: number }) => of.files + of.directories
  const done = total(job.done.value)
  // What was not counted is one by one what was chosen, unless there is more in it.
  const all = total(job.counted.value) || (files.every(({ type }) => type !== 'directory') ? files.length : 0)
  return (
    <div class="notice job-notice">
      <div>
        <p>
          {doing}
          <span class="job-count">
            {all > 0 ? `${done.toLocaleString()} of ${all.toLocaleString()}` : done.toLocaleString()}
          </span>
        </p>
        <progress aria-label={doing} {...(all > 0 && { max: all, value: Math.min(done, all) })} />
      </div>
      <Button onClick={() => job.stop()}>Stop</Button>
    </div>
  )
}

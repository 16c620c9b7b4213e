import { Failed } from '../model/failure.ts'
import type { FileJob } from '../model/files/fileJob.ts'
import type { Desk } from './desk.ts'
import type { ShownJob } from './fileDialog.ts'

/**
 * Runs a job in the background, where the notices show how far it is; resolves with its end. What could not be done is shown.
 * @param ended is told how it ended, before that
 */
export async function runJob(desk: Desk, shown: ShownJob, ended: (job: FileJob) => unknown): Promise<void> {
  const { view } = desk
  const { job } = shown
  view.fileJobs.value = [...view.fileJobs.peek(), shown]
  await job.run()
  view.fileJobs.value = view.fileJobs.peek().filter((one) => one !== shown)
  await ended(job)
  const failure = job.failure.peek()
  const problems = job.problemCount.peek()
  if (problems > 0 && !view.sheet.peek()) view.sheet.value = { kind: 'files', dialog: { kind: 'job', shown } }
  else if (failure) view.fail(new Failed(failure))
  else if (problems > 0) view.say(`${shown.doing}: ${problems.toLocaleString()} could not be done`, 'failure')
}

/** Shows what a job is about, counting, and begins it when the person says so. */
export function askForJob(desk: Desk, shown: ShownJob): Promise<void> {
  desk.view.sheet.value = { kind: 'files', dialog: { kind: 'job', shown } }
  return shown.job.count()
}

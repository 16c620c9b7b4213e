import { takeDropped } from './dropped.ts'
import { type Taken, takeFiles } from './taken.ts'

/** The name that browsers give to a picture that has none. */
const nameless = /^image\.(\w+)$/

/**
 * Files that were pasted; undefined where there are none. A picture without a name is called after the moment:
 * `pasted-2026-11-21-101500.png`. Call it in the event.
 */
export function takePasted(data: DataTransfer, now: Date): Taken | undefined {
  const [file, ...others] = data.files
  const ending = file && nameless.exec(file.name)?.[1]
  if (!ending || others.length > 0 || !file.type.startsWith('image/')) return takeDropped(data)
  return takeFiles([new File([file], `pasted-${momentText(now)}.${ending}`, { type: file.type })])
}

function momentText(now: Date): string {
  const two = (number: number) => String(number).padStart(2, '0')
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-')
  return `${day}-${two(now.getHours())}${two(now.getMinutes())}${two(now.getSeconds())}`
}

import { visibleName } from '../../../shared/fileName.ts'
import './FileName.css'

/** The name or path of a file as it can be shown safely: what cannot be seen stands as a marked escape. */
export function FileName({ name }: { name: string }) {
  const parts = visibleName(name)
  const [only] = parts
  return (
    <bdi class="file-name">
      {parts.length === 1 && only && !only.odd
        ? only.text
        : parts.map(({ text, odd }, index) =>
            odd ? (
              <span key={index} class="odd">
                {text}
              </span>
            ) : (
              // One run of another direction does not turn the rest.
              <bdi key={index}>{text}</bdi>
            ),
          )}
    </bdi>
  )
}

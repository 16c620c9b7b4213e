import type { ComponentChildren } from 'preact'
import { type Encoding, encodingNames, type LineEnd } from '../../model/preview/encoding.ts'
import type { TextFile } from '../../model/preview/textFile.ts'
import type { TextPart } from '../../model/preview/textPart.ts'
import { useDesk } from '../desk.ts'

const lineEndNames: Record<LineEnd, string> = { lf: 'LF', crlf: 'CRLF', cr: 'CR', mixed: 'Mixed line ends' }

/** What a text's bytes say beside its characters, and where the cursor stands in it. */
export function TextFoot({
  text,
  place,
  editing,
  children,
}: {
  text: TextFile
  /** Where the cursor stands, from 1. */
  place: { line: number; column: number } | undefined
  editing: boolean
  children: ComponentChildren
}) {
  const { encoding, lineEnd } = text.format.value
  const choices: LineEnd[] = lineEnd === 'mixed' ? ['mixed', 'lf', 'crlf', 'cr'] : ['lf', 'crlf', 'cr']
  return (
    <footer class="file-foot">
      {place && (
        <span>
          Line {place.line}, column {place.column}
        </span>
      )}
      <span class="rest" />
      {children}
      {editing ? (
        <select
          aria-label="Line ends"
          value={lineEnd}
          onChange={({ currentTarget: { value } }) => {
            const chosen = choices.find((one) => one === value)
            if (chosen && chosen !== 'mixed') text.setLineEnd(chosen)
          }}
        >
          {choices.map((one) => (
            <option key={one} value={one}>
              {lineEndNames[one]}
            </option>
          ))}
        </select>
      ) : (
        <span>{lineEndNames[lineEnd]}</span>
      )}
      <EncodingChoice encoding={encoding} choose={(chosen) => text.setEncoding(chosen)} />
    </footer>
  )
}

/** The same of a text of which a part is shown. */
export function PartFoot({ part }: { part: TextPart }) {
  const { view } = useDesk()
  return (
    <footer class="file-foot">
      <span>Search finds what is loaded</span>
      <span class="rest" />
      <EncodingChoice
        encoding={part.encoding.value}
        choose={(chosen) => void part.setEncoding(chosen).catch((error) => view.fail(error))}
      />
    </footer>
  )
}

function EncodingChoice({ encoding, choose }: { encoding: Encoding; choose(encoding: Encoding): void }) {
  const all = Object.keys(encodingNames) as Encoding[]
  return (
    <select
      aria-label="Encoding"
      value={encoding}
      onChange={({ currentTarget: { value } }) => {
        const chosen = all.find((one) => one === value)
        if (chosen) choose(chosen)
      }}
    >
      {all.map((one) => (
        <option key={one} value={one}>
          {encodingNames[one]}
        </option>
      ))}
    </select>
  )
}

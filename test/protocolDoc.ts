import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type * as v from 'valibot'
import { failures, phases } from '../shared/failure.ts'
import {
  bounds,
  clientEventNames,
  clientEvents,
  PROTOCOL_VERSION,
  serverEventNames,
  serverEvents,
} from '../shared/protocol.ts'

/** What is read of a valibot schema or action; the library types each kind apart, and has no common walk. */
interface Part {
  type: string
  entries?: Record<string, Part>
  pipe?: Part[]
  item?: Part
  value?: Part
  options?: readonly unknown[]
  literal?: unknown
  wrapped?: Part
  default?: unknown
  requirement?: unknown
}

const partOf = (schema: v.GenericSchema) => schema as unknown as Part
const code = (text: string) => `\`${text.replaceAll('|', '\\|')}\``
const number = (value: unknown) => (Number(value) >= 10_000 ? Number(value).toLocaleString('en') : String(value))

function typeOf(part: Part): string {
  const [base = part, ...actions] = part.pipe ?? []
  if (base !== part)
    return (
      typeOf(base) + (actions.some(({ type }) => type === 'integer' || type === 'safe_integer') ? ' (integer)' : '')
    )
  switch (part.type) {
    case 'object':
    case 'strict_object':
      return `{ ${Object.entries(part.entries ?? {})
        .map(([name, entry]) => `${name}${entry.type === 'optional' ? '?' : ''}: ${typeOf(entry)}`)
        .join(', ')} }`
    case 'array':
      return `${typeOf(part.item ?? part)}[]`
    case 'record':
      return `{ [name]: ${typeOf(part.value ?? part)} }`
    case 'picklist':
      return (part.options ?? []).map((option) => `'${option}'`).join(' | ')
    case 'literal':
      return typeof part.literal === 'string' ? `'${part.literal}'` : String(part.literal)
    case 'union':
    case 'variant':
      return [...new Set((part.options as Part[]).map(typeOf))].join(' | ')
    case 'optional':
      return typeOf(part.wrapped ?? part)
    case 'custom':
      return 'bytes'
    case 'date':
      return 'Date'
    default:
      return part.type
  }
}

/** A pipe may begin with a pipe; the actions of all of them, in order. */
function actionsOf({ pipe }: Part): Part[] {
  const [base, ...actions] = pipe ?? []
  return base ? [...actionsOf(base), ...actions] : []
}

/** The bounds that a payload is held to, in words; patterns as they are. */
function boundsOf(part: Part): string {
  if (part.type === 'optional') {
    const given = part.default === undefined ? '' : `default ${JSON.stringify(part.default)}`
    return [given, boundsOf(part.wrapped ?? part)].filter(Boolean).join('; ')
  }
  const texts = actionsOf(part).map(({ type, requirement }) => {
    const unit = part.type === 'array' ? 'entries' : 'UTF-16 units'
    switch (type) {
      case 'min_length':
        return `at least ${number(requirement)} ${unit}`
      case 'max_length':
        return `at most ${number(requirement)} ${unit}`
      case 'min_value':
        return `at least ${number(requirement)}`
      case 'max_value':
        return `at most ${number(requirement)}`
      case 'regex':
        return code(String(requirement))
      default:
        return ''
    }
  })
  return texts.filter((text) => text && !text.includes('9,007,199,254,740,991')).join(', ')
}

function fieldsOf(part: Part, secret: readonly string[]): string[] {
  const [base = part] = part.pipe ?? []
  if (base.type === 'union' || base.type === 'variant') {
    return (base.options as Part[]).flatMap((option, at) => [
      ...(at > 0 ? ['', 'or', ''] : []),
      ...fieldsOf(option, secret),
    ])
  }
  const rows = Object.entries(base.entries ?? {})
    .filter(([, entry]) => entry.wrapped?.type !== 'undefined')
    .map(([name, entry]) => {
      const marks = [
        entry.type === 'optional' ? 'optional' : '',
        boundsOf(entry),
        secret.includes(name) ? 'secret' : '',
      ]
      return `| ${code(name)} | ${code(typeOf(entry))} | ${marks.filter(Boolean).join('; ')} |`
    })
  return rows.length > 0 ? ['| Field | Type | |', '|---|---|---|', ...rows] : ['No fields.']
}

interface Entry {
  doc: string
  payload: v.GenericSchema
  reply?: string
  answer?: v.GenericSchema
  failure?: string
  secret?: readonly string[]
  rate?: string
}

function section(name: string, entry: Entry): string[] {
  const facts = [
    entry.reply && `Answered by ${code(entry.reply)}.`,
    entry.answer && `Acknowledged with ${code(typeOf(partOf(entry.answer)))}.`,
    entry.failure && (entry.answer ? 'Refused there.' : `Refused by ${code(entry.failure)}.`),
    entry.rate && `Counted as ${code(entry.rate)}.`,
  ].filter(Boolean)
  return [
    `### ${code(name)}`,
    '',
    entry.doc,
    '',
    ...fieldsOf(partOf(entry.payload), entry.secret ?? []),
    '',
    ...(facts.length > 0 ? [facts.join(' '), ''] : []),
  ]
}

/** `shared/PROTOCOL.md`: every event with its fields and bounds, and every code of failure, from the one declaration. */
export function protocolDocument(): string {
  return [
    '# The protocol between browser and relay',
    '',
    `Version ${PROTOCOL_VERSION}, over Socket.IO 4 at \`/socket.io\`. Made from \`shared/protocol.ts\` and \`shared/failure.ts\` by \`npm run docs\`; a test keeps it equal.`,
    '',
    'A client that gives a Socket.IO acknowledgement gets `{ ok: true, value }` or `{ ok: false, failure }` there as well as the event',
    'that answers. An event that is acknowledged has no such event: the acknowledgement must be asked for, else it is refused by `sftp-error`. A field that is marked secret never reaches a log. Bytes are binary attachments.',
    '',
    '## Bounds',
    '',
    '| Bound | |',
    '|---|---|',
    ...Object.entries(bounds).map(([name, value]) => `| ${code(name)} | ${number(value)} |`),
    '',
    '## What a client sends',
    '',
    ...clientEventNames.flatMap((name) => section(name, clientEvents[name])),
    '## What the relay sends',
    '',
    ...serverEventNames.flatMap((name) => section(name, serverEvents[name])),
    '## Failures',
    '',
    `A failure may name the phase it arose in: ${phases.map(code).join(', ')}.`,
    '',
    '| Code | What happened | Remedy | Again? |',
    '|---|---|---|---|',
    ...Object.entries(failures).map(
      ([name, { title, remedy, retry }]) => `| ${code(name)} | ${title} | ${remedy} | ${retry ? 'yes' : 'no'} |`,
    ),
    '',
  ].join('\n')
}

/** Where the document lies. */
export const protocolDocumentFile = fileURLToPath(new URL('../shared/PROTOCOL.md', import.meta.url))

/** Writes it; `npm run docs`. */
export function writeProtocolDocument(): void {
  writeFileSync(protocolDocumentFile, protocolDocument())
}

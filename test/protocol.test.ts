import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { clientEventNames, serverEventNames } from '../shared/protocol.ts'
import { protocolDocument, protocolDocumentFile } from './protocolDoc.ts'

test('shared/PROTOCOL.md says what shared/protocol.ts says (npm run docs writes it)', () => {
  expect(readFileSync(protocolDocumentFile, 'utf8')).toBe(protocolDocument())
})

test('the document has a section for every event', () => {
  const heads = [...protocolDocument().matchAll(/^### `(.+)`$/gm)].map(([, name]) => name)
  expect(heads).toEqual([...clientEventNames, ...serverEventNames])
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeZip } from 'client-zip'
import { expect, test } from 'vitest'
import { wholeZip } from '../../../../pwa/model/out/wholeZip.ts'

async function zip(count: number): Promise<Buffer> {
  const stream = makeZip([{ name: 'a/' }, { name: 'a/b', input: 'text' }])
  const parts: Uint8Array[] = []
  // Node's streams can be iterated; the compiler has the browser's library.
  const iterable = stream as unknown as AsyncIterable<Uint8Array>
  for await (const part of wholeZip(iterable, () => count)) parts.push(part)
  return Buffer.concat(parts)
}

const END64 = 0x06064b50

test('a zip with few entries is as it was made', async () => {
  const whole = await zip(65_534)
  expect(whole.readUInt32LE(whole.length - 22 - 20 - 56)).not.toBe(END64)
  expect(whole.readUInt16LE(whole.length - 22 + 10)).toBe(2)
})

test('one with more than fits into its end has a ZIP64 end that readers find', async () => {
  const whole = await zip(70_000)
  const end = whole.length - 22 - 20 - 56
  expect(whole.readUInt32LE(end)).toBe(END64)
  expect(whole.readBigUInt64LE(end + 24)).toBe(70_000n)
  expect(whole.readBigUInt64LE(end + 32)).toBe(70_000n)
  const [size, offset] = [whole.readBigUInt64LE(end + 40), whole.readBigUInt64LE(end + 48)]
  expect(offset + size).toBe(BigInt(end))
  expect(whole.readUInt32LE(Number(offset))).toBe(0x02014b50)
  // The locator says where the ZIP64 end is.
  expect(whole.readBigUInt64LE(end + 56 + 8)).toBe(BigInt(end))
  const directory = mkdtempSync(join(tmpdir(), 'fairlead-zip-'))
  const file = join(directory, 'a.zip')
  writeFileSync(file, whole)
  const read = execFileSync('python3', [
    '-c',
    'import sys,zipfile; z=zipfile.ZipFile(sys.argv[1]); print(z.namelist(), z.testzip())',
    file,
  ])
  expect(read.toString().trim()).toBe("['a/', 'a/b'] None")
  rmSync(directory, { recursive: true })
})

import { describe, expect, it } from 'vitest'
import { languageOf, loadLanguage } from '../../../../pwa/ui/preview/languages.ts'

const named = (name: string, firstLine = '') => languageOf(name, firstLine)?.name

describe('the language of a text', () => {
  it('is told by its name', () => {
    expect(named('a.ts')).toBe('TypeScript')
    expect(named('Dockerfile')).toBe('Dockerfile')
    expect(named('.bashrc')).toBe('Shell')
    expect(named('site.service')).toBe('Properties files')
    expect(named('notes')).toBeUndefined()
  })

  it('is told by the program that its first line names', () => {
    expect(named('run', '#!/usr/bin/env python3')).toBe('Python')
    expect(named('run', '#!/bin/bash -e')).toBe('Shell')
    expect(named('run', '#! /usr/bin/env -S node --test')).toBe('JavaScript')
    expect(named('run', '#!/usr/bin/constructor')).toBeUndefined()
  })

  it('is fetched when it is wanted', async () => {
    const json = languageOf('a.json', '')
    expect(json && (await loadLanguage(json))?.language.name).toBe('json')
  })
})

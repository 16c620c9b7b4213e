import { LanguageDescription, type LanguageSupport } from '@codemirror/language'
import { languages } from '@codemirror/language-data'

/** Programs that a script names in its first line, and names of files, that are not called as their language is. */
const programs: Record<string, string> = {
  sh: 'Shell',
  bash: 'Shell',
  dash: 'Shell',
  zsh: 'Shell',
  ksh: 'Shell',
  ash: 'Shell',
  node: 'JavaScript',
  deno: 'TypeScript',
  bun: 'TypeScript',
  python: 'Python',
  perl: 'Perl',
  ruby: 'Ruby',
  php: 'PHP',
  lua: 'Lua',
  tclsh: 'Tcl',
  awk: 'Shell',
  make: 'Shell',
}

const shellNames =
  /^\.?(bashrc|bash_profile|bash_aliases|profile|zshrc|zprofile|kshrc|xinitrc|envrc|PKGBUILD|APKBUILD)$/
const iniNames = /(^\.(gitconfig|editorconfig|npmrc)$)|\.(service|socket|timer|mount|target|network|desktop|conf|cnf)$/

/** The language of a text, by its name or by the program that its first line names. */
export function languageOf(name: string, firstLine: string): LanguageDescription | undefined {
  const byName = LanguageDescription.matchFilename(languages, name)
  if (byName) return byName
  if (shellNames.test(name)) return named('Shell')
  const program = /^#!\s*(?:\S*\/)?(?:env\s+(?:-S\s+)?)?(?:\S*\/)?([a-z]+)[\d.]*(?:\s|$)/.exec(firstLine)?.[1]
  if (program !== undefined && Object.hasOwn(programs, program)) return named(programs[program] ?? '')
  if (/^nginx.*\.conf$/.test(name)) return named('Nginx')
  return iniNames.test(name) ? named('Properties files') : undefined
}

function named(name: string): LanguageDescription | undefined {
  return languages.find((one) => one.name === name)
}

/** Fetches a language. Undefined where that fails, as it does offline: a text can be read without colours. */
export function loadLanguage(language: LanguageDescription): Promise<LanguageSupport | undefined> {
  return language.load().catch(() => undefined)
}

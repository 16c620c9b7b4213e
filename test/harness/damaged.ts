/** A text with one place of it damaged: cut off, left out, changed, or a line in another's place. */
export function damaged(text: string, random: (below: number) => number): string {
  switch (random(4)) {
    case 0:
      return text.slice(0, random(text.length + 1))
    case 1: {
      const at = random(text.length + 1)
      return text.slice(0, at) + text.slice(at + 1 + random(40))
    }
    case 2: {
      const at = random(text.length + 1)
      return text.slice(0, at) + String.fromCharCode(random(128)) + text.slice(at + 1)
    }
    default: {
      const lines = text.split('\n')
      return lines.toSpliced(random(lines.length), 1, lines[random(lines.length)] ?? '').join('\n')
    }
  }
}

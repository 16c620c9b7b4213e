/** Reads OSC 7 reports of one session. */
export class CurrentDirectory {
  #host: string | undefined

  /**
   * The absolute path in a report such as `file://host/path`. A shell further on, over ssh in ssh, reports another host than
   * the first report did: its directories are none of this host's, and undefined is returned, as for what is no report.
   */
  read(report: string): string | undefined {
    const parts = /^file:\/\/([^/]*)(\/.*)$/s.exec(report.slice(0, 4096))
    const [, host, path] = parts ?? []
    if (host === undefined || path === undefined) return undefined
    this.#host ??= host.toLowerCase()
    if (host.toLowerCase() !== this.#host) return undefined
    try {
      const decoded = decodeURIComponent(path)
      return /[\u0000-\u001f\u007f-\u009f]/.test(decoded) ? undefined : decoded
    } catch {
      return undefined
    }
  }
}

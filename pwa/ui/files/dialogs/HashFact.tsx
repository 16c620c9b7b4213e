import { Copy } from 'lucide'
import { useState } from 'preact/hooks'
import { copyText } from '../../../commands/copyText.ts'
import { sha256Of } from '../../../model/files/properties.ts'
import type { TabView } from '../../../model/tabs.ts'
import { useDesk } from '../../desk.ts'
import { Button, IconButton } from '../../kit/Button.tsx'
import { useAttempt } from './useAttempt.ts'

/** The SHA-256 of a file, computed on its host when it is asked for. */
export function HashFact({ tab, path }: { tab: TabView; path: string }) {
  const desk = useDesk()
  const attempt = useAttempt()
  const [hash, know] = useState<string>()
  const compute = () =>
    attempt.begin(async () => {
      know(await sha256Of(tab.sftp, path))
    })
  return (
    <div>
      <dt>SHA-256</dt>
      <dd aria-live="polite">
        {hash ? (
          <>
            <span class="mono">{hash}</span>
            <IconButton icon={Copy} name="Copy the SHA-256" onClick={() => void copyText(desk, hash, 'the SHA-256')} />
          </>
        ) : (
          <Button kind="bare" disabled={attempt.busy} onClick={() => void compute()}>
            {attempt.busy ? 'Computing on the host…' : 'Compute on the host'}
          </Button>
        )}
        {attempt.problem && <span class="file-problem">{attempt.problem}</span>}
      </dd>
    </div>
  )
}

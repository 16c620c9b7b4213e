import { X } from 'lucide'
import { useEffect } from 'preact/hooks'
import type { ServerNotice } from '../../model/prompts.ts'
import { useDesk } from '../desk.ts'
import { countText } from '../format.ts'
import { IconButton } from '../kit/Button.tsx'
import './InteractivePrompt.css'

/** What servers have said without a question: words stay until they were read, new host keys are told in passing. */
export function ServerNotices() {
  const { app, view } = useDesk()
  const all = app.prompts.notices.value
  const passing = all.find(({ said }) => said.kind === 'host-keys')
  useEffect(() => {
    if (!passing) return
    view.say(keysText(passing))
    app.prompts.dismiss(passing.id)
  }, [passing, app, view])
  const here = all.filter(({ tabId, said }) => said.kind === 'words' && tabId === app.tabs.active.value)
  return (
    <>
      {here.map((notice) => (
        <Words key={notice.id} notice={notice} />
      ))}
    </>
  )
}

function Words({ notice: { id, host, relay, said } }: { notice: ServerNotice }) {
  const { app } = useDesk()
  if (said.kind !== 'words') return null
  return (
    <div class="notice server-notice" role="status">
      <div>
        <p>
          <b>{host}</b>, via relay {relay.label}, says:
        </p>
        <p class="server-words">{[said.title, said.text].filter((text) => text !== '').join('\n')}</p>
      </div>
      <IconButton icon={X} name="Dismiss" onClick={() => app.prompts.dismiss(id)} />
    </div>
  )
}

function keysText({ host, relay, said }: ServerNotice): string {
  const learned = said.kind === 'host-keys' ? said.learned : []
  const what = `${host} has announced ${countText(learned.length, 'more host key')}`
  return learned.every(({ bound }) => bound) ? `${what}, now known` : `${what}, says relay ${relay.label}`
}

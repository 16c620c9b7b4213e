import type { FileDialog } from '../../../commands/fileDialog.ts'
import { useDesk } from '../../desk.ts'
import { ChangeLinkDialog } from './ChangeLinkDialog.tsx'
import { JobDialog } from './JobDialog.tsx'
import { MakeDialog } from './MakeDialog.tsx'
import { ModeDialog } from './ModeDialog.tsx'
import { NewLinkDialog } from './NewLinkDialog.tsx'
import { OwnerDialog } from './OwnerDialog.tsx'
import { PropertiesDialog } from './PropertiesDialog.tsx'
import { TimesDialog } from './TimesDialog.tsx'
import './FileDialogs.css'

/** The dialog about files that is open. */
export default function FileDialogs({ dialog, close }: { dialog: FileDialog; close(): void }) {
  const { app } = useDesk()
  if (dialog.kind === 'job') return <JobDialog key={dialog.shown.job.id} shown={dialog.shown} close={close} />
  const tab = app.tabs.get(dialog.tabId)
  if (!tab) return null
  switch (dialog.kind) {
    case 'make':
      return <MakeDialog tab={tab} directory={dialog.directory} what={dialog.what} close={close} />
    case 'mode':
      return <ModeDialog tab={tab} files={dialog.files} close={close} />
    case 'owner':
      return <OwnerDialog tab={tab} files={dialog.files} close={close} />
    case 'times':
      return <TimesDialog tab={tab} files={dialog.files} close={close} />
    case 'properties':
      return <PropertiesDialog tab={tab} files={dialog.files} close={close} />
    case 'new-link':
      return <NewLinkDialog tab={tab} directory={dialog.directory} file={dialog.file} close={close} />
    case 'change-link':
      return <ChangeLinkDialog tab={tab} file={dialog.file} close={close} />
  }
}

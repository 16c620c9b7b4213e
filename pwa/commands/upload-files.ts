import { activeFiles } from './activeFiles.ts'
import { activeTab } from './activeTab.ts'
import type { Command } from './command.ts'
import { pickFiles } from './pickFiles.ts'
import { uploadSources } from './upload-sources.ts'

/** Uploads files that the person chooses, to the directory that is shown. */
export const uploadFiles: Command = {
  id: 'upload-files',
  title: 'Upload files…',
  when: (desk) => activeTab(desk) !== undefined,
  async run(desk) {
    const tab = activeFiles(desk)?.tab ?? activeTab(desk)
    const taken = await pickFiles('files')
    if (tab && taken) await uploadSources.run(desk, { tabId: tab.id, taken })
  },
}
